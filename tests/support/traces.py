"""Traces as a recorder writes them: a small shop, a hostile one, a long one."""

import json
import struct
import zlib
from base64 import b64encode
from typing import Any

from tests.support.samples import HOSTILE, NOW

Data = dict[str, Any]

STYLE = """
body { font: 16px/1.5 sans-serif; margin: 0; color: #123; background: #fff }
header { background: rgb(13, 92, 107); color: #fff; padding: 20px 40px; font-size: 24px }
main { padding: 30px 40px; display: grid; gap: 16px; max-width: 600px } label { display: grid; gap: 4px }
input { font: inherit; padding: 8px } button { font: inherit; padding: 10px 24px; justify-self: start }
.done { background: rgb(224, 242, 230); padding: 12px } .far { margin-top: 900px }
"""


def picture(colour: tuple[int, int, int], width: int = 320, height: int = 180) -> str:
    """A screenshot of one colour with a darker head, as a data address."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head, body = bytes(part // 2 for part in colour) * width, bytes(colour) * width
    lines = b"".join(b"\x00" + (head if line < height // 6 else body) for line in range(height))
    size = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + size + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{b64encode(data).decode()}"


def page(body: str, **more: Any) -> Data:
    """A snapshot with this body and the first style sheet."""
    html = f'<html lang="en"><head><title>Tools</title></head><body>{body}</body></html>'
    return {
        "url": "https://shop.example/tools",
        "title": "Tools",
        "html": html,
        "css": [0],
        "scroll": [0, 0],
        "size": [1366, 768],
        **more,
    }


def step(name: str, at: float, **more: Any) -> Data:
    """A step of 40 ms."""
    return {"n": name, "c": name, "at": at, "took": 0.04, "times": 1, "what": "", "given": "", "result": "", **more}


ORDER = {
    "method": "POST",
    "sent": [["Content-Type", "application/json"], ["Cookie", "••••••••"]],
    "sent_body": '{"tool": "drill"}',
    "received": [["Content-Type", "application/json"], ["Retry-After", "30"]],
    "received_body": '{"error": "the basket is empty"}',
}
"""Details of a failed request."""
BODIES = ("sent_body", "received_body")


def shop() -> Data:
    """A case that orders a tool and does not find what it looks for."""
    form = (
        '<header>Tool library</header><main><label>Name<input id="name" {value}></label>'
        '<button id="send">Order</button>{more}</main>'
    )
    shadow = (
        '<my-note><template shadowrootmode="open"><style>p { color: rgb(200, 0, 0) }</style><p>In the shadow</p>'
        "</template></my-note>"
    )
    acts = (
        "<script>window.top.ran = true</script>"
        '<img src="//evil.example/logo.png" alt="logo" onerror="top.ran = true">'
        '<a href="javascript:top.ran=true" id="link">more</a><iframe src="//evil.example/"></iframe>'
        '<form action="//evil.example/"><b title="a > b" style="color: rgb(1, 2, 3)">my style="x"</b></form>'
    )
    lines = ["def test_order(driver, base_url):", '    """A tool can be ordered."""']
    lines += [
        f"    {text}" for text in ("driver.get(base_url)", "name.send_keys('Ada')", "send.click()", "driver.find(x)")
    ]
    by = "cases/test_order.py:{}"
    return {
        "v": 1,
        "case": "tc042",
        "began": NOW,
        "took": 3.2,
        "browser": "chrome 156.0.1",
        "viewport": [1366, 768],
        "spent": 0.21,
        "lacks": "",
        "outline": '- banner: Tool library\n- textbox "Name": Ada\n- button "Order"',
        "cut": ["2 screenshots were left out to keep the recording under 12 % of the case's time"],
        "steps": [
            step(
                "open",
                0.0,
                took=0.6,
                what="https://shop.example/tools",
                changes=True,
                shot=0,
                page=0,
                by=by.format(14),
                source=0,
            ),
            step(
                "find",
                0.65,
                what="#name",
                result="found",
                changes=False,
                by=by.format(15),
                source=0,
                box=[40, 130, 400, 40],
            ),
            step(
                "type",
                0.7,
                what="#name",
                given="Ada",
                changes=True,
                shot=1,
                page=1,
                by=by.format(15),
                source=0,
                box=[40, 130, 520, 40],
            ),
            step(
                "click",
                0.9,
                took=0.3,
                what="#send",
                changes=True,
                shot=2,
                page=2,
                by=by.format(16),
                source=0,
                box=[40, 190, 120, 44],
            ),
            step("text", 1.3, what=".done", result="“Order sent”", changes=False),
            step(
                "find",
                1.4,
                took=1.6,
                times=31,
                what="#receipt",
                changes=False,
                error="NoSuchElementException: Message: no such element: #receipt",
                by=by.format(17),
                source=0,
            ),
        ],
        "shots": [picture((246, 245, 241)), picture((222, 220, 211)), picture((224, 242, 230))],
        "pages": [
            page(form.format(value="", more="")),
            page(form.format(value='value="Ada"', more="")),
            page(
                form.format(
                    value='value="Ada"', more=f'<p class="done">Order sent</p>{shadow}{acts}<p class="far">The end</p>'
                )
            ),
        ],
        "css": [STYLE],
        "console": [
            [0.3, "info", "catalogue of 14 tools"],
            [1.0, "error", "the receipt could not be made"],
            [1.9, "warning", "slow answer"],
        ],
        "network": [
            [0.1, 0.2, 200, 5120, "document", "https://shop.example/tools"],
            [0.2, 0.05, 304, 0, "css", "https://shop.example/style.css"],
            [0.95, 0.2, 500, 120, "fetch", "https://shop.example/orders", ORDER],
        ],
        "sources": [{"name": "cases/test_order.py", "first": 12, "lines": lines}],
    }


def hostile() -> Data:
    """Every field is meant to break out of the page, to ask another machine for something or to break the layout."""
    nasty = " ".join(HOSTILE)
    body = "".join(
        f"<div {name}='alert(1)' style=\"background: url('//evil.example/b')\">{text}</div>"
        for name, text in zip(
            ("onclick", "onmouseover", "ONLOAD", "onfocus autofocus tabindex=0"), HOSTILE, strict=False
        )
    )
    body += (
        "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'><text>x</text></a><script>alert(1)</script></svg>"
        "<meta http-equiv=refresh content='0;url=//evil.example/'><base href='//evil.example/'>"
        "<link rel=stylesheet href=//evil.example/s.css><object data=//evil.example/o></object>"
        "<embed src=//evil.example/e><iframe srcdoc='<script>alert(1)</script>'></iframe>"
        "<img src=x onerror=alert(1)><video src=//evil.example/v autoplay></video>"
        "<form action=javascript:alert(1)><button formaction=javascript:alert(1)>go</button></form>"
        "<input autofocus onfocus=alert(1)>"
        "<div><template shadowrootmode=open><img src=x onerror=alert(1)><script>alert(1)</script></template></div>"
        "<template><script>alert(1)</script></template><math><mtext></mtext></math><noscript><img src=x></noscript>"
    )
    fields = {"sent": [[nasty, nasty]], "received": [[nasty, nasty]]}
    css = "@import '//evil.example/i.css'; body { background: url(//evil.example/c) } </style><script>alert(1)</script>"
    trace = {
        "v": 1,
        "case": nasty,
        "began": NOW,
        "took": 2.0,
        "browser": nasty,
        "viewport": [1e9, -5],
        "spent": 0.1,
        "cut": list(HOSTILE),
        "steps": [
            step(
                text,
                n * 0.1,
                c=text,
                what=text + nasty,
                given=nasty,
                result=nasty,
                error=nasty,
                by=f"{text}:{n}",
                source=0,
                changes=True,
                page=0,
                shot=n % 2,
                box=[-1e6, -1e6, 1e7, 1e7],
            )
            for n, text in enumerate(HOSTILE)
        ],
        "shots": ["javascript:alert(1)", "//evil.example/shot.png"],
        "pages": [page(body, url="javascript:alert(1)", title=nasty, css=[0, 9, "x"], size=[1e9, 1])],
        "css": [css],
        "console": [[n / 10, text, text + nasty] for n, text in enumerate(HOSTILE)],
        "network": [
            [n / 10, 0.1, text, text, text, text, dict.fromkeys(("method", "problem", *BODIES), text + nasty) | fields]
            for n, text in enumerate(HOSTILE)
        ],
        "lacks": nasty,
        "outline": f"{nasty}\n````\n# Not a heading",
        "sources": [{"name": nasty, "first": 0, "lines": list(HOSTILE)}],
    }
    # Values of other kinds than promised, too.
    trace["steps"] += [None, 7, {"at": "x", "took": None, "box": "no", "page": 99, "shot": -1, "source": "a"}]
    trace["console"] += [None, ["a"]]
    trace["network"] += [None, [0, 0, 0, 0, "", "", 7], [0, 0, 0, 0, "", "", {"sent": 7, "received": [None, 7]}]]
    return trace


def long(steps: int = 2_000) -> Data:
    """Many steps, console lines and requests."""
    trace = shop()
    del trace["lacks"]
    trace["steps"] = [
        step("click" if n % 3 == 0 else "find", n * 0.05, what=f"#row-{n}", changes=n % 3 == 0) for n in range(steps)
    ]
    for n in range(0, steps, 30):
        trace["steps"][n] |= {"page": n // 30 % 3, "shot": n // 30 % 3}
    trace["took"] = steps * 0.05
    trace["console"] = [[n * 0.05, "error" if n % 9 == 0 else "log", f"line {n}"] for n in range(steps)]
    trace["network"] = [
        [n * 0.05, 0.01, 200 if n % 7 else 503, n, "fetch", f"https://a.example/{n}"] for n in range(steps)
    ]
    return trace


def another_way(trace: Data) -> Data:
    """The same up to its step 1501, of which the result is another one; from step 1503 on the steps are others."""
    trace["steps"][1500] |= {"result": "“2 tools”"}
    for taken in trace["steps"][1502:]:
        taken |= {"what": "#another-way"}
    trace["network"].append([75.0, 0.1, 500, 0, "fetch", "https://a.example/only-here?x=1"])
    trace["console"].append([75.0, "error", "only here"])
    return trace


def script(data: Data) -> bytes:
    """The artifact ``trace.js``."""
    text = json.dumps(data, separators=(",", ":"))
    for character in "&<>":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"ui.trace({text});\n".encode()
