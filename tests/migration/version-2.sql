BEGIN TRANSACTION;
CREATE TABLE paidan_calendar (
	position INTEGER NOT NULL, 
	year INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	loaded_at VARCHAR(32) NOT NULL, 
	PRIMARY KEY (position)
);
CREATE TABLE paidan_clock (
	order_id VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	rule VARCHAR NOT NULL, 
	unit VARCHAR NOT NULL, 
	dispatch INTEGER NOT NULL, 
	started_at VARCHAR(32) NOT NULL, 
	due_at VARCHAR(32) NOT NULL, 
	provisional BOOLEAN NOT NULL, 
	done_at VARCHAR(32), 
	void BOOLEAN NOT NULL, 
	shut BOOLEAN NOT NULL, 
	raised_at VARCHAR(32), 
	armed BOOLEAN NOT NULL, 
	PRIMARY KEY (order_id, position), 
	FOREIGN KEY(order_id) REFERENCES paidan_order (order_id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "paidan_clock" VALUES('A',0,'JY-T01','',0,'2026-03-02T01:00:00+00:00','2026-03-02T01:30:00+00:00',0,'2026-03-02T01:05:00+00:00',0,0,NULL,0);
INSERT INTO "paidan_clock" VALUES('A',1,'JY-T02','',0,'2026-03-02T01:05:00+00:00','2026-03-02T01:35:00+00:00',0,'2026-03-02T01:10:00+00:00',0,0,NULL,0);
INSERT INTO "paidan_clock" VALUES('A',2,'JY-T04','',0,'2026-03-02T01:05:00+00:00','2026-03-03T01:05:00+00:00',0,NULL,0,0,'2026-03-03T01:05:00+00:00',0);
INSERT INTO "paidan_clock" VALUES('A',3,'JY-T03','甲科',1,'2026-03-02T01:10:00+00:00','2026-03-03T15:59:59+00:00',0,'2026-03-02T01:50:00+00:00',0,0,NULL,0);
INSERT INTO "paidan_clock" VALUES('A',4,'JY-T06','甲科',1,'2026-03-02T01:10:00+00:00','2026-03-03T15:59:59+00:00',0,NULL,0,0,NULL,0);
INSERT INTO "paidan_clock" VALUES('A',5,'JY-T08','甲科',1,'2026-03-02T01:10:00+00:00','2026-03-09T15:59:59+00:00',0,NULL,0,0,NULL,0);
INSERT INTO "paidan_clock" VALUES('A',6,'JY-T09','甲科',1,'2026-03-02T01:10:00+00:00','2026-03-20T15:59:59+00:00',0,NULL,0,0,NULL,1);
INSERT INTO "paidan_clock" VALUES('B',0,'JY-T01','',0,'2026-03-02T02:00:00+00:00','2026-03-02T02:30:00+00:00',0,NULL,0,0,'2026-03-02T02:30:00+00:00',0);
INSERT INTO "paidan_clock" VALUES('C',0,'JY-T01','',0,'2026-03-05T02:01:00+00:00','2026-03-05T02:31:00+00:00',0,NULL,0,0,NULL,1);
CREATE TABLE paidan_entry (
	position INTEGER NOT NULL, 
	order_id VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	event VARCHAR NOT NULL, 
	from_state VARCHAR NOT NULL, 
	to_state VARCHAR NOT NULL, 
	at VARCHAR(32) NOT NULL, 
	recorded_at VARCHAR(32) NOT NULL, 
	actor VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	unit VARCHAR NOT NULL, 
	rule VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	attributes TEXT NOT NULL, 
	PRIMARY KEY (position), 
	CONSTRAINT paidan_entry_order_seq UNIQUE (order_id, seq)
);
INSERT INTO "paidan_entry" VALUES(1,'A',1,'receive','','received','2026-03-02T01:00:00+00:00','2026-03-02T01:00:00+00:00','','','','','','{"area":"一村“甲”","urgent":false}');
INSERT INTO "paidan_entry" VALUES(2,'A',2,'register','received','registered','2026-03-02T01:05:00+00:00','2026-03-02T01:05:00+00:00','','','','','','{}');
INSERT INTO "paidan_entry" VALUES(3,'A',3,'dispatch','registered','dispatched','2026-03-02T01:10:00+00:00','2026-03-02T01:10:00+00:00','','','甲科','','','{"order_due":{"@":"2026-03-20T15:59:59+00:00"}}');
INSERT INTO "paidan_entry" VALUES(4,'A',4,'accept','dispatched','accepted','2026-03-02T01:50:00+00:00','2026-03-02T01:50:00+00:00','','','甲科','','','{}');
INSERT INTO "paidan_entry" VALUES(5,'B',1,'receive','','received','2026-03-02T02:00:00+00:00','2026-03-02T02:00:00+00:00','','','','','','{}');
INSERT INTO "paidan_entry" VALUES(6,'B',2,'time_out','received','received','2026-03-02T02:30:00+00:00','2026-03-05T02:00:00+00:00','','','','JY-T01','','{"started_at":{"@":"2026-03-02T02:00:00+00:00"}}');
INSERT INTO "paidan_entry" VALUES(7,'A',5,'time_out','accepted','accepted','2026-03-03T01:05:00+00:00','2026-03-05T02:00:00+00:00','','','','JY-T04','','{"started_at":{"@":"2026-03-02T01:05:00+00:00"}}');
INSERT INTO "paidan_entry" VALUES(8,'C',1,'receive','','received','2026-03-05T02:01:00+00:00','2026-03-05T02:01:00+00:00','','','','','','{}');
CREATE TABLE paidan_order (
	order_id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	policy VARCHAR NOT NULL, 
	facts TEXT NOT NULL, 
	PRIMARY KEY (order_id)
)
 WITHOUT ROWID

;
INSERT INTO "paidan_order" VALUES('A','accepted',5,'JY@2022-07-01','{"accepted_at":{"@":"2026-03-02T01:50:00+00:00"},"closed_at":null,"dispatches":1,"extension_requested_at":null,"handling_class":null,"hazard":null,"order_due":{"@":"2026-03-20T15:59:59+00:00"},"pending":null,"pool":"department","received_at":{"@":"2026-03-02T01:00:00+00:00"},"redoing":null,"registered_at":{"@":"2026-03-02T01:05:00+00:00"},"return_approved":null,"site_visit":null,"unit":"甲科","unit_received_at":{"@":"2026-03-02T01:10:00+00:00"},"urgent":false}');
INSERT INTO "paidan_order" VALUES('B','received',2,'JY@2022-07-01','{"received_at":{"@":"2026-03-02T02:00:00+00:00"}}');
INSERT INTO "paidan_order" VALUES('C','received',1,'JY@2022-07-01','{"received_at":{"@":"2026-03-05T02:01:00+00:00"}}');
CREATE TABLE paidan_store (
	id INTEGER NOT NULL, 
	schema_version INTEGER NOT NULL, 
	policy VARCHAR NOT NULL, 
	settings TEXT NOT NULL, 
	calendar TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "paidan_store" VALUES(1,2,'JY','{"jy.contact_start": "registered_at"}','{
 "through": 2026,
 "on": null,
 "notices": []
}');
CREATE INDEX paidan_clock_armed ON paidan_clock (due_at) WHERE armed;
CREATE TRIGGER paidan_entry_kept BEFORE UPDATE ON paidan_entry
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: no entry is changed'); END;
CREATE TRIGGER paidan_entry_stays BEFORE DELETE ON paidan_entry
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: no entry is taken out'); END;
CREATE TRIGGER paidan_entry_next BEFORE INSERT ON paidan_entry
    WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM paidan_entry WHERE order_id = NEW.order_id), 0)
    BEGIN SELECT RAISE(ABORT, 'the log is gapless: seq is not the next one'); END;
CREATE TRIGGER paidan_calendar_kept BEFORE UPDATE ON paidan_calendar
    BEGIN SELECT RAISE(ABORT, 'clocks were counted by this notice: it is never changed'); END;
CREATE TRIGGER paidan_calendar_stays BEFORE DELETE ON paidan_calendar
    BEGIN SELECT RAISE(ABORT, 'clocks were counted by this notice: it is never taken out'); END;
COMMIT;
