package storage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// Replicas may be one version apart, and an older one must not drop what a newer
// one has added to a row. So what a row's JSON held that this version does not
// know is written back with it. A newer version must keep no text there that
// redaction has to reach: this one would not reach it.

// decode reads the JSON of a row into v, and remembers the row when it holds what
// this version does not know. For rows of one's own version that costs nothing more
// than reading them.
func (t *tx) decode(data string, v any) error {
	d := json.NewDecoder(strings.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err == nil && d.InputOffset() == int64(len(data)) {
		return nil
	}
	if err := json.Unmarshal([]byte(data), v); err != nil {
		return err
	}
	if t.foreign == nil {
		t.foreign = map[string]string{}
	}
	t.foreign[rowOf(v)] = data
	return nil
}

// encode writes v as the JSON of its row, with what decode found there that this
// version does not know. Who saves a row has read it in the same transaction.
func (t *tx) encode(v any) (string, error) {
	data, err := json.Marshal(v)
	if err != nil || len(t.foreign) == 0 {
		return string(data), err
	}
	row := rowOf(v)
	stored, ok := t.foreign[row]
	if !ok {
		return string(data), nil
	}
	if data, err = overlay(reflect.TypeOf(v), stored, data); err != nil {
		return "", err
	}
	t.foreign[row] = string(data)
	return string(data), nil
}

// rowOf names the row of v within a transaction.
func rowOf(v any) string {
	switch v := v.(type) {
	case *bot.Incident:
		return fmt.Sprint("incident ", v.Number)
	case *bot.Rollback:
		return "rollback " + v.ID
	case *bot.FollowUp:
		return fmt.Sprint("action item ", v.Number)
	case *bot.Reminder:
		return fmt.Sprint("reminder ", v.Number)
	}
	return ""
}

// overlay returns fresh, the JSON of a value of type of, with the keys of stored
// that the type does not know.
func overlay(of reflect.Type, stored string, fresh []byte) ([]byte, error) {
	var old, out any
	for text, to := range map[string]*any{stored: &old, string(fresh): &out} {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber() // as it was written, whatever its size
		if err := d.Decode(to); err != nil {
			return nil, err
		}
	}
	keepForeign(of, old, out)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	if err := e.Encode(out); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// keepForeign adds to out what old has that the type of does not know. What a type
// writes by itself, such as a time, is whole.
func keepForeign(of reflect.Type, old, out any) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if reflect.PointerTo(of).Implements(marshaler) || reflect.PointerTo(of).Implements(textMarshaler) {
		return
	}
	switch of.Kind() {
	case reflect.Struct:
		keepInStruct(of, old, out)
	case reflect.Map:
		had, _ := old.(map[string]any)
		has, _ := out.(map[string]any)
		for k := range has { // its keys are data: those that went are gone
			if before, ok := had[k]; ok {
				keepForeign(of.Elem(), before, has[k])
			}
		}
	case reflect.Slice, reflect.Array:
		keepInList(of.Elem(), old, out)
	}
}

var (
	marshaler     = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]()
)

func keepInStruct(of reflect.Type, old, out any) {
	had, _ := old.(map[string]any)
	has, ok := out.(map[string]any)
	if !ok {
		return
	}
	known := fieldsOf(of)
	for k, before := range had {
		field, ok := known[strings.ToLower(k)]
		if !ok {
			has[k] = before
		} else if now, there := has[k]; there {
			keepForeign(field, before, now)
		}
	}
}

// fieldsOf is the type of each field, by the name that encoding/json gives it in
// lower case, since it reads names in any.
func fieldsOf(of reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(of) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" || !f.IsExported() || f.Tag.Get("json") == "-":
			continue // the fields of an embedded struct are visible themselves
		case name == "":
			name = f.Name
		}
		out[strings.ToLower(name)] = f.Type
	}
	return out
}

// keepInList matches elements by what names them. Those that nothing names, or
// that share a name, keep nothing: to which of them it belonged nobody knows.
func keepInList(of reflect.Type, old, out any) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		return
	}
	known := fieldsOf(of)
	for _, name := range []string{"number", "id", "seq", "name"} {
		if known[name] == nil {
			continue
		}
		had, now := named(old, name), named(out, name)
		for id, element := range now {
			if before := had[id]; before != nil && element != nil {
				keepForeign(of, before, element)
			}
		}
		return
	}
}

// named are the elements of a list by what the field holds; nil where several hold
// the same.
func named(list any, field string) map[string]any {
	all, _ := list.([]any)
	out := make(map[string]any, len(all))
	for _, element := range all {
		m, _ := element.(map[string]any)
		id, ok := m[field]
		if !ok {
			continue
		}
		key := fmt.Sprint(id)
		if _, twice := out[key]; twice {
			element = nil
		}
		out[key] = element
	}
	return out
}
