package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// reader turns the nodes of a YAML file into values and notes every fault with
// its place. It never stops at one: what cannot be read is left as it was.
type reader struct {
	file   string
	faults Faults
	// checks wait until everything was read, since names may be used before
	// they are defined.
	checks []func()
	// hidden are nodes with a secret in them, which have their fault already.
	hidden map[*yaml.Node]bool
	// drafts are the templates and targets of rollbacks, which are judged
	// together.
	drafts rollbackDrafts
	// defaultNamed: the file says which severity is the default.
	defaultNamed bool
}

// set reads a node into something; what names it in faults.
type set func(n *yaml.Node, what string)

// fields are the keys that a mapping may have.
type fields map[string]set

func (r *reader) fault(n *yaml.Node, format string, args ...any) {
	if r.hidden[n] {
		return
	}
	r.faults = append(r.faults, Fault{
		Where: r.place(n),
		Text:  strings.Map(inLine, fmt.Sprintf(format, args...)),
		line:  n.Line, column: n.Column,
	})
}

// inLine keeps a fault on its line: a key can hold a line break.
func inLine(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}

// place is where n begins. The parser's own errors have no column.
func (r *reader) place(n *yaml.Node) string {
	if n.Column == 0 {
		return fmt.Sprintf("%s:%d", r.file, n.Line)
	}
	return fmt.Sprintf("%s:%d:%d", r.file, n.Line, n.Column)
}

// later keeps a check until everything was read.
func (r *reader) later(check func()) { r.checks = append(r.checks, check) }

func (r *reader) finish() {
	for _, check := range r.checks {
		check()
	}
}

// syntaxLine finds the line in what the YAML parser says; it has no other way
// of telling it.
var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// parse returns the root of the only document of text, or nil.
func (r *reader) parse(text io.Reader) *yaml.Node {
	decoder := yaml.NewDecoder(text)
	var doc, second yaml.Node
	err := decoder.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
			r.fault(&yaml.Node{Line: max(second.Line, 1)}, "a second YAML document begins; the configuration is one document, so remove the line ---")
		}
	}
	if err != nil {
		at := &yaml.Node{Line: 1}
		if m := syntaxLine.FindStringSubmatch(err.Error()); m != nil && m[1] != "" {
			at.Line, _ = strconv.Atoi(m[1])
		}
		said := syntaxLine.ReplaceAllString(err.Error(), "")
		if looksSecret(said) {
			said = "the parser's words hold what looks like a secret (not shown)"
		}
		r.fault(at, "this is not YAML: %s", strings.ReplaceAll(said, "\n", " "))
		return nil
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// kindOf is what n is, in words.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a group of keys"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.ShortTag() == "!!null" {
		return "nothing"
	}
	return quote(n.Value)
}

// wrong notes that n is not of the type that is wanted.
func (r *reader) wrong(n *yaml.Node, what, wanted string) {
	r.fault(n, "%s is %s; it must be %s", what, kindOf(n), wanted)
}

// empty reports whether n says nothing, as a key does whose value is
// commented out.
func empty(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// object reads the keys of n. An unknown one is a fault, and so is one that
// comes twice.
func (r *reader) object(n *yaml.Node, what string, f fields) {
	known := make([]string, 0, len(f))
	for key := range f {
		known = append(known, key)
	}
	slices.Sort(known)
	r.each(n, what, func(key, value *yaml.Node) {
		read, ok := f[key.Value]
		if !ok {
			if hint := secretKeyHint(what, key.Value); hint != "" {
				r.fault(key, "%s %s", quote(key.Value), hint)
				return
			}
			in := ""
			if what != "" {
				in = " in " + what
			}
			r.fault(key, "unknown key %s%s%s", quote(key.Value), in, suggest(key.Value, known))
			return
		}
		if !empty(value) {
			read(value, join(what, key.Value))
		}
	})
}

// join names a key below what; the file itself has no name.
func join(what, key string) string {
	if what == "" {
		return key
	}
	return what + "." + key
}

// each calls fn for every key of the mapping n.
func (r *reader) each(n *yaml.Node, what string, fn func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		if what == "" {
			what = "the file"
		}
		r.wrong(n, what, "a group of keys")
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			r.fault(key, "a key must be a word, not %s", kindOf(key))
			continue
		}
		if first, ok := lines[key.Value]; ok {
			r.fault(key, "the key %s is here twice; the first is on line %d", quote(key.Value), first)
			continue
		}
		lines[key.Value] = key.Line
		fn(key, value)
	}
}

// list calls item for every element of n.
func (r *reader) list(n *yaml.Node, what string, item set) {
	if n.Kind != yaml.SequenceNode {
		r.wrong(n, what, "a list")
		return
	}
	for i, element := range n.Content {
		item(element, fmt.Sprintf("%s[%d]", what, i))
	}
}

// wantNumber is what a setting says that is written in digits.
const wantNumber = "a number"

// scalar returns the text of n. A date is a text here; a number only where one
// is wanted, and elsewhere it was perhaps meant as one.
func (r *reader) scalar(n *yaml.Node, what, wanted string) (string, bool) {
	tag := n.ShortTag()
	switch {
	case n.Kind == yaml.ScalarNode && (tag == "!!str" || tag == "!!timestamp" || (tag == "!!int" && wanted == wantNumber)):
		return n.Value, true
	case n.Kind == yaml.ScalarNode && (tag == "!!int" || tag == "!!float" || tag == "!!bool"):
		hint := ""
		if !strings.Contains(wanted, "such as") { // a form that no number has
			hint = " (in quotes, if this is one)"
		}
		r.fault(n, "%s is %s; it must be %s%s", what, quote(n.Value), wanted, hint)
	default:
		r.wrong(n, what, wanted)
	}
	return "", false
}

// checked reads a text that check accepts, in the form that check returns.
func (r *reader) checked(to *string, wanted string, check func(string) (string, error)) set {
	return func(n *yaml.Node, what string) {
		s, ok := r.scalar(n, what, wanted)
		if !ok {
			return
		}
		s, err := check(s)
		if err != nil {
			r.fault(n, "%s: %v", what, err)
			return
		}
		*to = s
	}
}

// texts reads a list of texts that check accepts.
func (r *reader) texts(to *[]string, wanted string, check func(string) (string, error)) set {
	return func(n *yaml.Node, what string) {
		*to = []string{}
		r.list(n, what, func(n *yaml.Node, what string) {
			var s string
			if r.checked(&s, wanted, check)(n, what); s == "" {
				return
			}
			if slices.Contains(*to, s) {
				r.fault(n, "%s: %s is in the list twice", what, quote(s))
				return
			}
			*to = append(*to, s)
		})
	}
}

// boolean reads true or false; yes and on are texts in YAML 1.2.
func (r *reader) boolean(to *bool) set {
	return func(n *yaml.Node, what string) {
		if n.Kind != yaml.ScalarNode || (n.Value != "true" && n.Value != "false") {
			r.wrong(n, what, "true or false")
			return
		}
		*to = n.Value == "true"
	}
}

// choice reads one of a few words.
func choice[T ~string](r *reader, to *T, words []T) set {
	return func(n *yaml.Node, what string) {
		names := make([]string, len(words))
		for i, w := range words {
			names[i] = string(w)
		}
		s, ok := r.scalar(n, what, "one of: "+strings.Join(names, ", "))
		if !ok {
			return
		}
		if !slices.Contains(names, s) {
			r.fault(n, "%s: %s is not known%s", what, quote(s), suggest(s, names))
			return
		}
		*to = T(s)
	}
}
