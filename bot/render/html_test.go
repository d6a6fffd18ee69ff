package render

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestHTML(t *testing.T) {
	t.Parallel()
	const rel = `" rel="nofollow noopener noreferrer">`
	for in, want := range map[string]string{
		"one\ntwo":                          "<p>one<br>\ntwo</p>\n",
		"# A\n\n## B":                       "<h1>A</h1>\n<h2>B</h2>\n",
		"- a [DONE]\n- b":                   "<ul>\n<li>a [DONE]</li>\n<li>b</li>\n</ul>\n",
		"3. a":                              "<ol start=\"3\">\n<li>a</li>\n</ol>\n",
		"~~no~~ **b** _i_ `c`":              "<p><del>no</del> <strong>b</strong> <em>i</em> <code>c</code></p>\n",
		"| a | b |\n|:-:|--:|\n| 1 | <i> |": "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td>&lt;i&gt;</td>\n</tr>\n</tbody>\n</table>\n",
		"```go\na < b\n```":                 "<pre><code class=\"language-go\">a &lt; b\n</code></pre>\n",
		// Links, and what is none.
		"[a](https://a.example/x?y=1&z=2 \"title\")": `<p><a href="https://a.example/x?y=1&amp;z=2` + rel + "a</a></p>\n",
		"see https://a.example/x.":                   `<p>see <a href="https://a.example/x` + rel + "https://a.example/x</a>.</p>\n",
		"<https://a.example>":                        `<p><a href="https://a.example` + rel + "https://a.example</a></p>\n",
		"www.a.example":                              `<p><a href="http://www.a.example` + rel + "www.a.example</a></p>\n",
		"support@a.example, <sup@a.example>":         `<p><a href="mailto:support@a.example` + rel + `support@a.example</a>, <a href="mailto:sup@a.example` + rel + "sup@a.example</a></p>\n",
		"[a](javascript:alert(1))":                   "<p>a</p>\n",
		"[a](JaVaScRiPt:alert(1))":                   "<p>a</p>\n",
		"[a](&#106;avascript:alert(1))":              "<p>a</p>\n",
		"[a](<java\tscript:alert(1)>)":               "<p>a</p>\n",
		"[a](data:text/html,x)":                      "<p>a</p>\n",
		"[a](/etc) [b](#c) [d](//e.example)":         "<p>a b d</p>\n",
		"[a](https://bank.example@evil.example)":     "<p>a</p>\n",
		"[a](https://)":                              "<p>a</p>\n",
		"[a]\n\n[a]: javascript:alert(1)":            "<p>a</p>\n",
		"<javascript:alert(1)>":                      "<p>javascript:alert(1)</p>\n",
		"ftp://a.example/x":                          "<p>ftp://a.example/x</p>\n",
		`[a](https://a.example/"onmouseover="x)`:     `<p><a href="https://a.example/%22onmouseover=%22x` + rel + "a</a></p>\n",
		// Images load nothing.
		"![chart](https://a.example/x.png)":                      `<p><a href="https://a.example/x.png` + rel + "chart</a></p>\n",
		"![](https://a.example/x.png)":                           `<p><a href="https://a.example/x.png` + rel + "https://a.example/x.png</a></p>\n",
		"![x](data:image/png;base64,AA)":                         "<p>x</p>\n",
		"[![chart](https://a.example/x.png)](https://b.example)": `<p><a href="https://b.example` + rel + "chart</a></p>\n",
		// HTML is text.
		"a <b onclick=\"x\">b</b>":             "<p>a &lt;b onclick=&quot;x&quot;&gt;b&lt;/b&gt;</p>\n",
		"<div>\n<script>alert(1)</script>":     "<p>&lt;div&gt;<br>\n&lt;script&gt;alert(1)&lt;/script&gt;</p>\n",
		"<script>\nalert(1)\n</script>\nx":     "<p>&lt;script&gt;<br>\nalert(1)<br>\n&lt;/script&gt;</p>\n<p>x</p>\n",
		"<!-- a\nb -->":                        "<p>&lt;!-- a<br>\nb --&gt;</p>\n",
		"<img src=x onerror=alert(1)>":         "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n",
		"&lt;script&gt; &amp; \u202egnp\u202c": "<p>&lt;script&gt; &amp; gnp</p>\n",
		"# a {#id onclick=x}":                  "<h1>a {#id onclick=x}</h1>\n",
	} {
		if got := HTML(in); got != want {
			t.Errorf("%q became\n%s\nwant\n%s", in, got, want)
		}
		checkSafe(t, in)
	}
}

func TestHeadingsBelow(t *testing.T) {
	t.Parallel()
	const in = "# A\n\n## B\n\n### C\n\n###### D\n\n> ## E"
	for level, want := range map[int]string{0: "[1 2 3 6 2]", 1: "[2 2 3 6 2]", 2: "[3 3 4 6 3]", 3: "[4 4 5 6 4]", 5: "[6 6 6 6 6]"} {
		var got []string
		for _, m := range regexp.MustCompile(`<h(\d)>`).FindAllStringSubmatch(HTMLBelow(in, level), -1) {
			got = append(got, m[1])
		}
		if fmt.Sprint(got) != want {
			t.Errorf("below %d: %v, want %s", level, got, want)
		}
	}
}

// tag is every tag that HTML may write.
var tag = regexp.MustCompile(`<(/?)(p|h[1-6]|ul|ol|li|blockquote|pre|code|em|strong|del|a|table|thead|tbody|tr|th|td|br|hr)` +
	`((?: (?:href|rel|start|class)="[^"<>]*")*)>`)

// checkSafe fails on whatever of HTML's output is no tag from the list, with no
// attribute but those of the list, closed in its order.
func checkSafe(t testing.TB, in string) {
	t.Helper()
	out := HTML(in)
	if rest := tag.ReplaceAllString(out, ""); strings.ContainsAny(rest, `<>"`) {
		t.Fatalf("%q became %q, which has other tags", in, out)
	}
	var open []string
	for _, m := range tag.FindAllStringSubmatch(out, -1) {
		switch name := m[2]; {
		case m[1] == "" && name != "br" && name != "hr":
			open = append(open, name)
		case m[1] != "" && (len(open) == 0 || open[len(open)-1] != name):
			t.Fatalf("%q became %q, in which </%s> closes nothing", in, out, name)
		case m[1] != "":
			open = open[:len(open)-1]
		}
		allowed := map[string]string{
			"a":    `^ href="(https?://[^"]+|mailto:[^"]+)" rel="nofollow noopener noreferrer"$`,
			"ol":   `^( start="\d+")?$`,
			"code": `^( class="language-[^"]*")?$`,
		}[m[2]]
		if allowed == "" || m[1] != "" {
			allowed = `^$`
		}
		if !regexp.MustCompile(`(?i)`+allowed).MatchString(html.UnescapeString(m[3])) && !regexp.MustCompile(`(?i)`+allowed).MatchString(m[3]) {
			t.Fatalf("%q became %q, with the attributes %s", in, out, m[3])
		}
	}
	if len(open) > 0 {
		t.Fatalf("%q became %q, which leaves %v open", in, out, open)
	}
}

func FuzzHTML(f *testing.F) {
	for _, s := range []string{
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "![x](https://a.example/x.png)",
		"<svg/onload=alert(1)>", "[a]: javascript:x\n[a]", "```\" onclick=x\nx", "<a href='javascript:x'>", "| a |\n|:-:|\n| ![x](y) |",
		"[![a](https://a.example)](https://b.example)", "![[a](http://b.example)](http://c.example)", "<!--", "<![CDATA[x]]>", "<?php x", "&#60;script&#62;",
		"> - 1. ~~**_`x`_**~~ www.x.example", "<https://a.example/\"onclick=x>", "<mailto:a@b.example>", "[a](<https://a.example/ x>)", "\x02@U0ANA\x03",
		"[a](https://a.example/&quot;onclick=&quot;x)", "[a](mailto:x?subject=%0d%0a)", "a  \nb\\\nc", "***\n---\n===", "\tcode", "[a](http://[::1]:80/)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) { checkSafe(t, in) })
}

// TestLongTexts draws what makes careless parsers slow. The time is for a machine
// with much else to do; what grows faster than by the square is far above it.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"[", "![", "> ", "*a_ ", "`", "<", "- ", "[a](", "&", "~~", "|", "\\", "a@", "http://a.example ", "[x]: y\n", "* a\n  ", "<!--", "_", "(", "1. "} {
		start := time.Now()
		HTML(strings.Repeat(s, 10_000/len(s)))
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%q took %v", s, took)
		}
	}
}
