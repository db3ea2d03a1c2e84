"""Texts that something would read as more than text, in one place for every test.

Markdown and Streamlit's own marks, HTML, SQL, typesetting, what a spreadsheet computes, what ends
a mail's header, letters that cannot be seen or turn others round.
"""

MARKUP = (
    "plain words",
    "Jean-Pierre D'Arc (née O’Brien)",
    "*emphasis* **strong** _under_ __score__ ~~struck~~ `code`",
    "# heading",
    "> quote",
    "- item",
    "1. item",
    "    indented",
    "| a | table |",
    "---",
    "<b>bold</b> <script>document.title='gone'</script> <!-- comment -->",
    '<img src=x onerror="document.title=1"> <iframe srcdoc="x"></iframe>',
    "&lt;b&gt; &amp; &#42;",
    "[link](https://example.org) ![image](https://example.org/x.png) [ref]: x",
    "https://example.org http://example.org www.example.org someone@example.org",
    ":smile: :material/home: :material_home: :red[red] :red-background[x] :blue-badge[x] :100:",
    ":streamlit: ::directive:: :abbr[x]{title=y}",
    "$x^2$ $$y$$ \\alpha \\(z\\) 5 $ and 6 $",
    "-> <- <-> -- >= <= ~= a->b",
    "\\*already escaped\\*",
    "{{braces}} {percent} %s %(x)s",
    "10:42:30, PHQ-9: 12 -> 5",
    "two\nlines\n\n    and a third",
    "right\u202eto left\u202c, zero\u200bwidth, nul\x00, bell\x07",
    "عربي then 100 mg",
    "half \ud83d of a letter",
    "é ç œ 漢字 😀 👩‍⚕️",
)
"""Texts that a page would draw as something else."""

TYPESETTING = (
    '#panic() #let x = 1 #read("/etc/passwd") #import "@preview/x:1.0.0"',
    "$x^2$ $ unclosed",
    "@label <label> = heading - list + enum / term: x",
    "*bold* _italic_ `raw` ```raw``` ~ -- --- ... \\ \\u{1F600} \\#",
    "[content] {code} // comment /* comment */",
    "\"quotes\" 'quotes' « guillemets » ’ “ ”",
    "<script>alert(1)</script> &amp; <b>x</b> </text></svg>",
    "sys.inputs.sheet ${x} {{x}} {0} %s %(x)s",
    "https://example.org/?a=1&b=2#c",
    "L’Hôpital d'Œuvre Ñandú Łódź",
)
"""Texts that a letter would typeset as something else."""

SQL = (
    "'; DROP TABLE registry.patient; --",
    "1' OR '1'='1",
    "1 UNION SELECT password_hash FROM review.account",
    "$$; SELECT pg_sleep(10); $$",
    "\\'; SELECT 1 -- \\x27",
    "%%s %(practitioner)s :practitioner",
)

HTML = (
    "</script><script>document.title='gone'</script>",
    "</textarea><script>document.title='gone'</script>",
    '" onmouseover="document.title=1" x="',
    "javascript:document.title=1",
    "data:text/html,<script>1</script>",
    "<svg/onload=document.title=1>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<!--<![CDATA[ ]]>-->",
    "&#x3C;b&#x3E; &nbsp; &unknown;",
)

ELSEWHERE = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://example.org")',
    "+1+1",
    "@SUM(1)",
    "\t=1",
    "x\r\nBcc: someone@example.org\r\n\r\nbody",
    "x\nSubject: other",
    "someone@example.org>, <other@example.org",
    ".\r\n.\r\nQUIT",
    "../../etc/passwd",
    "..\\..\\windows",
    "%00 %2e%2e%2f %0d%0a",
    "{{7*7}} ${7*7} #{7*7} <%= 7*7 %>",
    "{'a': 1} [1] null NaN Infinity -0 1e400",
)

LETTERS = (
    "",
    " ",
    "\x00",
    "\n\r\t\x0b\x0c\x1b[31mred\x1b[0m\x7f\x85",
    "\u2028line\u2029paragraph",
    "\ufeff\u200b\u200d\u2060\u00ad",
    "\u202e\u2066\u2067\u2068\u202d never closed",
    "\u2069\u202c never opened",
    "a" + "\u0301" * 200,
    "\ud800",
    "\udfff\ud800",
    "\ufffe\uffff\U0010ffff",
    "\u0130\u0131\u017f\ufb01\u1e9e",
    "שלום: להגדיל את המינון, ثم مراجعة بعد أسبوعين",
)

LONG = (
    "a" * 100_000,
    "Ab c\n" * 20_000,
    "*_[" * 33_333,
    "<b>" * 33_333,
    "é😀\u202e" * 25_000,
)
"""Texts of 100 kB: as one word, as lines, and of characters that must be escaped."""

SHORT = MARKUP + TYPESETTING + SQL + HTML + ELSEWHERE + LETTERS
EVERYTHING = SHORT + LONG
