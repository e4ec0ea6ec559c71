"""When and then: decides commands, keeps clocks running and offers the ways in."""
