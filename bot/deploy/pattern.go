package deploy

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// ParsePattern reads text with variables in it: ${name}, and for the whole value
// of a JSON leaf ${name:int} and ${name:bool}. $${ stands for ${ itself. The
// error says what is wrong and how it would be right.
func ParsePattern(s string) (Pattern, error) {
	p := Pattern{source: s}
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			p.parts = append(p.parts, part{text: text.String()})
			text.Reset()
		}
	}
	for rest := s; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "$${"):
			text.WriteString("${")
			rest = rest[3:]
		case strings.HasPrefix(rest, "${"):
			inner, after, closed := strings.Cut(rest[2:], "}")
			if !closed {
				return Pattern{}, fmt.Errorf("%q is not closed; a variable is written ${name}, and ${ itself $${", rest)
			}
			q, err := parseVariable(inner)
			if err != nil {
				return Pattern{}, err
			}
			flush()
			p.parts = append(p.parts, q)
			rest = after
		default:
			text.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	flush()
	return p, nil
}

func parseVariable(inner string) (part, error) {
	name, kind, typed := strings.Cut(inner, ":")
	switch {
	case name == "":
		return part{}, fmt.Errorf("${%s} names no variable; write ${name}", inner)
	case !isName(name):
		return part{}, fmt.Errorf("${%s}: a variable's name is letters, digits and _, and does not begin with a digit", inner)
	case typed && kind != "int" && kind != "bool":
		return part{}, fmt.Errorf("${%s}: the kinds are ${%s:int} and ${%s:bool}", inner, name, name)
	}
	return part{name: name, kind: kind}, nil
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// value is what stands in the place of q.
func (q part) value(vars map[string]string) (string, error) {
	v, ok := vars[q.name]
	if !ok {
		return "", fmt.Errorf("the variable %s has no value", q.name)
	}
	return v, nil
}

// fill writes p as plain text.
func (p Pattern) fill(vars map[string]string) (string, error) {
	var b strings.Builder
	for _, q := range p.parts {
		v := q.text
		if q.name != "" {
			var err error
			if v, err = q.value(vars); err != nil {
				return "", err
			}
		}
		b.WriteString(v)
	}
	return b.String(), nil
}

// fillHeader writes p as the value of a header, which has one line.
func (p Pattern) fillHeader(vars map[string]string) (string, error) {
	v, err := p.fill(vars)
	if err == nil && !isHeaderValue(v) {
		err = fmt.Errorf("a header cannot hold the line break or control character in %q", v)
	}
	return v, err
}

func isHeaderValue(v string) bool {
	return !strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// fillURL writes p as a URL in which no value can add a segment, a parameter or
// a host. Only a variable at the very beginning is taken as it is: it holds a
// URL that an answer gave, and the whole is judged before it is used.
//
// Dot segments are refused, also behind an escaped slash, since there are
// proxies that decode a path before they clean it.
func (p Pattern) fillURL(vars map[string]string) (string, error) {
	var b strings.Builder
	for k, q := range p.parts {
		if q.name == "" {
			b.WriteString(q.text)
			continue
		}
		v, err := q.value(vars)
		switch query := strings.Contains(b.String(), "?"); {
		case err != nil:
			return "", err
		case k == 0:
		case query:
			v = url.QueryEscape(v)
		case v == "":
			return "", fmt.Errorf("the variable %s is empty, which would make another path", q.name)
		default:
			v = url.PathEscape(v)
		}
		b.WriteString(v)
	}
	path, _, _ := strings.Cut(b.String(), "?")
	if dotted(path) {
		return "", fmt.Errorf("the path of %q would hold . or .. as a segment", p.source)
	}
	return b.String(), nil
}

// dotted reports whether a path has a segment of dots, as whoever decodes it
// first would see it.
func dotted(path string) bool {
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	return slices.ContainsFunc(strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' }),
		func(s string) bool { return s == "." || s == ".." })
}

// fillPath writes p as a gjson path. There a value must be one that means
// nothing but itself: letters, digits, _ and -, and between quotation marks a
// few more.
func (p Pattern) fillPath(vars map[string]string) (string, error) {
	var b strings.Builder
	for _, q := range p.parts {
		if q.name == "" {
			b.WriteString(q.text)
			continue
		}
		v, err := q.value(vars)
		if err != nil {
			return "", err
		}
		allowed := pathRunes
		if strings.Count(b.String(), `"`)%2 == 1 {
			allowed += " .:/@+"
		}
		if v == "" || strings.Trim(v, allowed) != "" {
			return "", fmt.Errorf("the variable %s is %q, which cannot stand in a JSON path", q.name, v)
		}
		b.WriteString(v)
	}
	return b.String(), nil
}

const pathRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

// leaf writes p as a value of a JSON tree: text, or what ${name:int} and
// ${name:bool} stand for.
func (p Pattern) leaf(vars map[string]string) (any, error) {
	if len(p.parts) != 1 || p.parts[0].kind == "" {
		return p.fill(vars)
	}
	q := p.parts[0]
	v, err := q.value(vars)
	switch {
	case err != nil:
		return nil, err
	case q.kind == "bool" && (v == "true" || v == "false"):
		return v == "true", nil
	case q.kind == "int" && isInt(v):
		return json.Number(v), nil
	case q.kind == "bool":
		return nil, fmt.Errorf("the variable %s is %q, and the request wants true or false", q.name, v)
	}
	return nil, fmt.Errorf("the variable %s is %q, and the request wants a whole number", q.name, v)
}

// isInt accepts what JSON writes as a whole number, however long: a deploy
// system's number is copied, not computed with.
func isInt(v string) bool {
	digits := strings.TrimPrefix(v, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == "" && (digits == "0" || digits[0] != '0')
}

// typed reports whether a variable of p asks for a kind.
func (p Pattern) typed() bool {
	return slices.ContainsFunc(p.parts, func(q part) bool { return q.kind != "" })
}

// begins returns the variable that p begins with, or "".
func (p Pattern) begins() string {
	if len(p.parts) == 0 {
		return ""
	}
	return p.parts[0].name
}

// origin is the scheme and host that p begins with, in letters; nil if it is
// relative.
func (p Pattern) origin() (*url.URL, error) {
	if p.begins() != "" {
		return nil, errors.New("begins with a variable; the scheme and the host are written out: https://deploy.example.com/…")
	}
	text := ""
	if len(p.parts) > 0 {
		text = p.parts[0].text
	}
	if strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") {
		return nil, nil
	}
	scheme, rest, absolute := strings.Cut(text, "://")
	if !absolute {
		return nil, errors.New("is neither an absolute URL (https://deploy.example.com/…) nor a path that begins with /")
	}
	end := strings.IndexAny(rest, "/?#")
	switch {
	case end < 0 && len(p.parts) > 1:
		return nil, errors.New("has a variable in the host; a host is written out")
	case end < 0:
		end = len(rest)
	}
	return url.Parse(scheme + "://" + rest[:end])
}

// tree fills in a JSON tree at its leaves, so that no value can become anything
// but a value.
func tree(node any, vars map[string]string) (any, error) {
	switch n := node.(type) {
	case Pattern:
		return n.leaf(vars)
	case map[string]any:
		out := make(map[string]any, len(n))
		for _, k := range slices.Sorted(maps.Keys(n)) {
			v, err := tree(n[k], vars)
			if err != nil {
				return nil, err
			}
			out[k] = v
		}
		return out, nil
	case []any:
		out := make([]any, len(n))
		for k := range n {
			v, err := tree(n[k], vars)
			if err != nil {
				return nil, err
			}
			out[k] = v
		}
		return out, nil
	}
	return node, nil
}
