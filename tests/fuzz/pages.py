"""Pages of all kinds, made of blocks: what each holds has an id made of its letter and the block's number."""

import re

from hypothesis import strategies as st

WHERE = ["/1", "/2", "/slow/1", "/slow/2", "#here", "/1#there", "about:blank"]

HANDLERS = [
    "alert('Hear!')",
    "document.title = confirm('Sure?')",
    "document.title = prompt('Who?', 'you')",
    "alert(1); alert(2)",
    "document.title = 'heard'",
    "this.remove()",
    "this.hidden = true",
    "this.disabled = true",
    "this.textContent = 'changed'",
    "this.style.marginTop = '900px'",
    "document.body.innerHTML = '<p id=new>new</p>'",
    "document.body.append(Object.assign(document.createElement('b'), {id: 'added', textContent: 'added'}))",
    "location.href = '/1'",
    "location.href = '/slow/2'",
    "location.href = '/slow/2'; alert('leaving')",
    "alert('before'); location.href = '/1'",
    "location.replace('/slow/1')",
    "location.reload()",
    "location.hash = 'hash'",
    "history.pushState({}, '', '/pushed')",
    "history.back()",
    "window.open('/1')",
    "window.open('/slow/1', 'named')",
    "window.open('about:blank')",
    "window.open('/2', '', 'width=300,height=300')",
    "window.close()",
    "open('/1').close()",
    "document.write('<title>written</title><p id=written>written'); document.close()",
    "document.forms[0]?.submit()",
    "document.forms[0]?.requestSubmit()",
    "document.forms[0]?.submit(); alert('sent')",
    "document.querySelector('input')?.focus()",
    "document.querySelector('iframe')?.remove()",
    "document.querySelector('iframe')?.contentWindow.alert('in the frame')",
    "throw new Error('thrown')",
    "print()",
    "setTimeout(() => document.title = 'later')",
    "Promise.resolve().then(() => alert('soon'))",
    "parent.location.href = '/1'",
    "document.documentElement.requestFullscreen()",
    "scrollTo(0, 500)",
    "event.preventDefault(); document.title = 'prevented'",
    "event.stopPropagation()",
]

LOADING = [
    *(handler for handler in HANDLERS if not re.search("location|history|open|[sS]ubmit|event|this", handler)),
    "location.href = '/other'",
    "location.replace('/slow/other')",
    "location.href = '/slow/other'; alert('leaving')",
    "location.hash = 'hash'",
    "history.pushState({}, '', '/pushed')",
    "window.open('/other')",
    "window.open('/slow/other', 'named')",
    "Object.assign(document.forms[0] ?? {}, {action: '/other'}).submit?.()",
]
"""What scripts do while a page loads: nothing that leads to a page with such a script, which could go on for ever."""

STYLES = [
    "", "", "",
    "display:none", "visibility:hidden", "opacity:0", "pointer-events:none", "display:contents",
    "position:fixed;right:0;bottom:0", "position:absolute;left:-500px", "position:absolute;top:2000px",
    "position:sticky;top:0", "position:relative;left:20px;top:-10px", "margin-top:900px", "margin-left:1500px",
    "transform:rotate(45deg)", "transform:scale(0)", "transform:scale(3)", "transform:translate(40px,-30px)",
    "transform:rotate(180deg) skew(20deg)", "transform:perspective(100px) rotateY(50deg)", "zoom:2",
    "width:0;height:0;overflow:hidden", "width:1px;height:1px", "height:5px;overflow:hidden", "width:3000px",
    "overflow:auto;height:30px", "overflow:scroll;width:50px;white-space:nowrap", "clip-path:inset(50%)", "float:right",
    "text-transform:uppercase", "white-space:pre", "color:rgb(1,2,3)", "border-radius:50%;padding:30px",
    "display:inline", "display:flex", "display:grid", "content-visibility:hidden", "user-select:none", "resize:both",
    "scale:0.5", "writing-mode:vertical-rl", "position:fixed;inset:0;background:#0001", "z-index:-1;position:relative",
    "width:0.5px;height:0.5px", "margin:0.4px;width:20.7px",
]  # fmt: skip

INPUT_TYPES = [
    "text", "text", "checkbox", "radio", "number", "date", "color", "file", "email", "password", "range", "hidden",
    "search", "tel", "url", "time", "datetime-local", "month", "week", "submit", "reset", "image", "button", "nonsense",
]  # fmt: skip

FLAGS = ["", "", "", "", "disabled", "readonly", "required", "hidden", "inert", "autofocus", "tabindex=-1", "tabindex=0",
         "contenteditable", "draggable=true", "dir=rtl", "maxlength=3", "aria-hidden=true", "popover", "data-x='1 2'"]  # fmt: skip

EVENTS = ["onclick", "onclick", "onclick", "onmousedown", "onmouseup", "onfocus", "onblur", "onchange", "oninput", "onkeydown",
          "onkeyup", "onmouseover", "onpointerdown"]  # fmt: skip

PLAIN = [
    "<p id=p{n} {a}>one <b id=q{n}>two</b>  three<br>four &lt;five&gt;&nbsp;six</p>",
    "<div id=d{n} {a}>outer <span id=s{n} {b}>inner</span></div>",
    "<h2 id=h{n} {a}>Head<!-- no --><i hidden>not this</i></h2>",
    "<pre id=t{n} {a}>  kept\n  as it is </pre>",
    "<ul id=u{n} {a}><li id=l{n} {b}>first<li>second<li style='opacity:0'>third</ul>",
    "<table id=t{n} {a}><caption>cap<tr><th>a<th>b<tr><td id=c{n} {b}>one<td colspan=2>two</table>",
    "<table id=t{n}><tr {a}><td><button id=b{n} {b}>in a cell</button></table>",
    "<img id=g{n} alt=x {a} src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>",
    "<svg id=v{n} width=60 height=30><rect id=r{n} width=50 height=20 {a} /><a href='/1'><text y=10 id=x{n}>a link</text></a></svg>",
    "<button id=b{n} {a}>press <b id=q{n}>me</b></button>",
    "<button id=b{n} type=button {a} {b}>twice</button>",
    "<custom-tag id=k{n} {a}>custom</custom-tag>",
    "<details id=d{n}><summary id=s{n} {a}>more</summary><button id=b{n} {b}>hidden</button></details>",
    "<dialog id=d{n} open {a}><button id=b{n} {b}>in a dialog</button></dialog>",
    "<div contenteditable id=e{n} {a}>edit <b>me</b></div>",
    "<div style='height:200vh' id=d{n}>tall</div>",
    "<map name=m{n}><area id=a{n} shape=rect coords='0,0,20,20' href='/1' {a}></map><img usemap='#m{n}' width=30 height=30 "
    "src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>",
]

LINKS = [
    "<a id=a{n} href='{w}' {a}>a link</a>",
    "<a id=a{n} href='{w}' target=_blank {a}>a new window</a>",
    "<a id=a{n} href='{w}' target=f0 {a}>into a frame</a>",
    '<a id=a{n} href="javascript:{h}" {a}>a script</a>',
    "<p style='width:60px'>some text <a id=a{n} href='{w}' {a}>a link that takes more than one line</a></p>",
    "<a id=a{n} href='{w}' {a}><div id=d{n} style='width:30px;height:30px;float:left'></div></a>",
    "<a id=a{n} href='/download' download {a}>a file</a>",
    "<a id=a{n} href='mailto:a@example.com' {a}>mail</a>",
]

FIELDS = [
    "<input id=i{n} name=i{n} type={t} value=old {a}>",
    "<input id=i{n} type={t} {a} {b}>",
    "<label id=l{n} {a}>label <input id=i{n} type={t} {b}></label>",
    "<label id=l{n} for=i{n} {a}>for</label><input id=i{n} type=checkbox checked {b}>",
    "<textarea id=x{n} {a}>old\nlines</textarea>",
    "<select id=s{n} {a}><option id=o{n} value=1>One<option id=u{n} selected {b}>Two<option disabled>Three</select>",
    "<select id=s{n} multiple {a}><optgroup id=g{n} label=group><option id=o{n} {b}>One<option id=u{n} selected>Two</select>",
    "<fieldset disabled><legend><input id=i{n}></legend><input id=j{n} type={t} value=x {a}></fieldset>",
    "<form action='{w}'><input id=i{n} name=q value=v {a}><button id=b{n} {b}>send</button></form>",
    "<form action='{w}' method=post><input id=i{n} type=checkbox name=q {a}><input type=submit id=j{n}></form>",
    "<form onsubmit='return false'><input id=i{n} type={t} required {a}><button id=b{n}>check</button></form>",
    "<form action='{w}' target=_blank><button id=b{n} {a}>send elsewhere</button></form>",
]

BOXES = [
    "<iframe id=f{n} name=f{n} src='{w}' {a}></iframe>",
    "<iframe id=f{n} srcdoc=\"<p id=p>in <b id=b>it</b><input id=i><button id=go onclick='parent.document.title=1'>go</button>\" {a}></iframe>",
    "<iframe id=f{n} src='{other}/2' {a}></iframe>",
    "<div id=d{n} {a}><template shadowrootmode=open><button id=inner {b}>in the shadow</button><slot></slot></template>light <b>two</b></div>",
    "<div id=d{n}><template shadowrootmode=closed><p id=closed>closed</p></template></div>",
    "<div style='height:60px;overflow:auto'><div style='height:300px'></div><button id=b{n} {a}>below</button></div>",
    "<div style='height:60px;overflow:hidden'><div style='height:300px'></div><button id=b{n} {a}>clipped</button></div>",
    "<div style='position:relative'><button id=b{n} {a}>under</button><div id=d{n} {b} style='position:absolute;inset:0'></div></div>",
    "<div style='position:fixed;inset:0 0 auto 0;height:60px;background:#eee' id=d{n}>header</div>",
    "<div style='position:fixed;inset:0' id=d{n} {a}>overlay</div>",
    "<div {a}><div {b}><button id=b{n}>deep</button><input id=i{n}></div></div>",
]

SCRIPTS = [
    "<script>late(() => {{ {h} }})</script><script src=/await-held></script>",
    "<script>late(() => {{ {h} }})</script><script src=/await-held></script>",
    "<script>{h}</script>",
    "<script>addEventListener('load', () => {{ {h} }})</script>",
    "<script>onbeforeunload = event => event.preventDefault()</script>",
    "<script>addEventListener('pagehide', () => {{ document.title = 'hidden' }})</script>",
    "<script>addEventListener('DOMContentLoaded', () => {{ {h} }})</script>",
    "<script src=/slow/script></script>",
]

TITLES = ["first", "  A   title\n", "", "ünïcödé <&>"]


@st.composite
def _attributes(draw: st.DrawFn) -> str:
    style, flag = draw(st.sampled_from(STYLES)), draw(st.sampled_from(FLAGS))
    attributes = [f'style="{style}"' if style else "", flag]
    if draw(st.booleans()):
        attributes.append(f'{draw(st.sampled_from(EVENTS))}="{draw(st.sampled_from(HANDLERS))}"')
    return " ".join(filter(None, attributes))


@st.composite
def _block(draw: st.DrawFn, kinds: list[str], number: int) -> str:
    template = draw(st.sampled_from(kinds))
    given = {
        "n": number,
        "a": draw(_attributes()) if "{a}" in template else "",
        "b": draw(_attributes()) if "{b}" in template else "",
        "h": draw(st.sampled_from(HANDLERS if "late" in template else LOADING)) if "{h}" in template else "",
        "w": draw(st.sampled_from(WHERE)) if "{w}" in template else "",
        "t": draw(st.sampled_from(INPUT_TYPES)) if "{t}" in template else "",
        "other": "http://localhost:{port}",
    }
    return template.format(**given)


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, str, str]:
    """Three pages: a big one, and two smaller ones that it leads to."""
    drawn = []
    for least, most in ((2, 6), (0, 2), (0, 2)):
        kinds = draw(st.lists(st.sampled_from([PLAIN, LINKS, FIELDS, FIELDS, BOXES]), min_size=least, max_size=most))
        blocks = [draw(_block(kind, number)) for number, kind in enumerate(kinds)]
        if draw(st.integers(0, 2)) == 2:
            blocks.append(draw(_block(SCRIPTS, len(blocks))))
        drawn.append(f"<title>{draw(st.sampled_from(TITLES))}</title><body>" + "\n".join(blocks))
    return drawn[0], drawn[1], drawn[2]
