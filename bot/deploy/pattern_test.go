package deploy

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestParsePattern(t *testing.T) {
	vars := map[string]string{"app": "gateway", "n": "7"}
	for _, tc := range []struct{ in, want, fault string }{
		{in: "", want: ""},
		{in: "plain $5 {x}", want: "plain $5 {x}"},
		{in: "${app}", want: "gateway"},
		{in: "a-${app}-${n:int}${n}", want: "a-gateway-77"},
		{in: "$${app} is ${app}", want: "${app} is gateway"},
		{in: "$$${app}", want: "$${app}"},
		{in: "${app", fault: "is not closed"},
		{in: "x ${} y", fault: "names no variable"},
		{in: "${:int}", fault: "names no variable"},
		{in: "${my app}", fault: "letters, digits and _"},
		{in: "${1x}", fault: "does not begin with a digit"},
		{in: "${${app}}", fault: "letters, digits and _"},
		{in: "${app:float}", fault: "${app:int} and ${app:bool}"},
		{in: "${app:}", fault: "the kinds are"},
	} {
		p, err := ParsePattern(tc.in)
		if tc.fault != "" {
			if err == nil || !strings.Contains(err.Error(), tc.fault) {
				t.Errorf("%q: got %v, want an error with %q", tc.in, err, tc.fault)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", tc.in, err)
			continue
		}
		if got, err := p.fill(vars); err != nil || got != tc.want || p.String() != tc.in {
			t.Errorf("%q: got %q, %v; want %q", tc.in, got, err, tc.want)
		}
	}
	if _, err := pattern("${nobody}").fill(vars); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("got %v", err)
	}
	if got := pattern("${b}/${a}/${b}").Names(); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("got %v", got)
	}
}

func TestJSONLeaves(t *testing.T) {
	node := map[string]any{
		"text": pattern("v ${v}"), "number": pattern("${n:int}"), "flag": pattern("${yes:bool}"), "as text": pattern("${n}"),
		"list": []any{pattern("${v}"), 1, true, nil, "as it is ${v}"}, "big": pattern("${big:int}"),
	}
	vars := map[string]string{"v": `v1.2 "x"/../y`, "n": "-42", "yes": "false", "big": "123456789012345678901234567890"}
	filled, err := tree(node, vars)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(filled)
	want := `{"as text":"-42","big":123456789012345678901234567890,"flag":false,"list":["v1.2 \"x\"/../y",1,true,null,"as it is ${v}"],"number":-42,"text":"v v1.2 \"x\"/../y"}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	for _, v := range []string{"", "x", "1.5", "1e3", "007", "-", "+1", " 1", "1,\"admin\":true"} {
		if _, err := tree([]any{map[string]any{"n": pattern("${n:int}")}}, map[string]string{"n": v}); err == nil || !strings.Contains(err.Error(), "whole number") {
			t.Errorf("%q as a number: %v", v, err)
		}
		if _, err := tree(pattern("${n:bool}"), map[string]string{"n": v}); err == nil || !strings.Contains(err.Error(), "true or false") {
			t.Errorf("%q as a boolean: %v", v, err)
		}
	}
}

func TestFillURL(t *testing.T) {
	for _, tc := range []struct{ in, v, want, fault string }{
		{in: "https://h.test/a/${v}/b", v: "gateway", want: "https://h.test/a/gateway/b"},
		{in: "https://h.test/a/${v}/b", v: "group/project", want: "https://h.test/a/group%2Fproject/b"},
		{in: "https://h.test/a/${v}/b", v: `v1.2 "x"/y?z#w;q`, want: "https://h.test/a/v1.2%20%22x%22%2Fy%3Fz%23w%3Bq/b"},
		{in: "https://h.test/a?b=${v}&c=d", v: `v1.2 "x"/../y&admin=1`, want: "https://h.test/a?b=v1.2+%22x%22%2F..%2Fy%26admin%3D1&c=d"},
		{in: "https://h.test/a?b=${v}", v: "", want: "https://h.test/a?b="},
		{in: "${v}api/json", v: "https://h.test/job/1/", want: "https://h.test/job/1/api/json"},
		{in: "${v}&x=${v}", v: "/a?b", want: "/a?b&x=%2Fa%3Fb"},
		{in: "https://h.test/a/${v}/b", v: "", fault: "is empty"},
		{in: "https://h.test/a/${v}/b", v: "..", fault: ". or .."},
		{in: "https://h.test/a/.${v}/b", v: ".", fault: ". or .."},
		{in: "https://h.test/a/${v}/b", v: `v1.2 "x"/../y`, fault: ". or .."},
		{in: "https://h.test/a/${v}/b", v: `..\admin`, fault: ". or .."},
		{in: "https://h.test/a/${v}", v: "v1..2", want: "https://h.test/a/v1..2"},
	} {
		got, err := pattern(tc.in).fillURL(map[string]string{"v": tc.v})
		if got != tc.want || (err != nil) != (tc.fault != "") || err != nil && !strings.Contains(err.Error(), tc.fault) {
			t.Errorf("%s with %q: got %q, %v; want %q, %q", tc.in, tc.v, got, err, tc.want, tc.fault)
		}
	}
}

func TestFillPathTakesOnlyWhatMeansItself(t *testing.T) {
	p := pattern(`runs.#(title%"*${v}*").${k}`)
	if got, err := p.fillPath(map[string]string{"v": "r1 eu.west/a", "k": "id_2"}); err != nil || got != `runs.#(title%"*r1 eu.west/a*").id_2` {
		t.Errorf("got %q, %v", got, err)
	}
	for _, vars := range []map[string]string{{"v": `*`, "k": "id"}, {"v": `x")|@this`, "k": "id"}, {"v": "r1", "k": "a.b"}, {"v": "r1", "k": "a|b"}, {"v": "", "k": "id"}, {"v": "r1"}} {
		if got, err := p.fillPath(vars); err == nil {
			t.Errorf("%v: got %q", vars, got)
		}
	}
}

// A pattern that was accepted gives its own text back, whatever it was.
func FuzzParsePattern(f *testing.F) {
	for _, s := range []string{"", "${a}", "$${a}", "x${a:int}y", "$$${a}", "${", "${}", "}${a:bool}{", "\xff${a}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePattern(s)
		if err != nil {
			return
		}
		var again strings.Builder
		for _, q := range p.parts {
			switch {
			case q.name == "":
				again.WriteString(strings.ReplaceAll(q.text, "${", "$${"))
			case q.kind == "":
				again.WriteString("${" + q.name + "}")
			default:
				again.WriteString("${" + q.name + ":" + q.kind + "}")
			}
		}
		if again.String() != s || p.String() != s {
			t.Fatalf("%q became %q", s, again.String())
		}
		vars := map[string]string{}
		for _, name := range p.Names() {
			if vars[name] = "${other}"; !isName(name) {
				t.Fatalf("%q is a name", name)
			}
		}
		if _, err := p.fill(vars); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
	})
}

// Whatever the value, a URL keeps its scheme, host, path around it and its
// parameters, and the value arrives whole.
func FuzzFillURL(f *testing.F) {
	for _, v := range []string{"gateway", "../..", "a/b", "@evil.test/", "?x=1&y", "#", "%2e%2e", "\x00\n", "://", "//evil.test", `\`, "\xff", "a b+c", ";x"} {
		f.Add(v)
	}
	p := pattern("https://h.test:8443/apps/${v}/run?ref=${v}&dry=0")
	f.Fuzz(func(t *testing.T, v string) {
		text, err := p.fillURL(map[string]string{"v": v})
		if err != nil {
			if v != "" && !strings.Contains(v, ".") {
				t.Fatalf("%q: %v", v, err)
			}
			return
		}
		u, err := url.Parse(text)
		if err != nil {
			t.Fatalf("%q gives %q: %v", v, text, err)
		}
		segments := strings.Split(u.EscapedPath(), "/")
		if u.Scheme != "https" || u.Host != "h.test:8443" || u.User != nil || u.Fragment != "" || len(segments) != 4 || segments[1] != "apps" || segments[3] != "run" {
			t.Fatalf("%q gives %q", v, text)
		}
		if got, err := url.PathUnescape(segments[2]); err != nil || got != v {
			t.Fatalf("%q arrives in the path as %q, %v", v, got, err)
		}
		q, err := url.ParseQuery(u.RawQuery)
		if err != nil || len(q) != 2 || !slices.Equal(q["ref"], []string{v}) || !slices.Equal(q["dry"], []string{"0"}) {
			t.Fatalf("%q arrives in the query as %v, %v", v, q, err)
		}
	})
}
