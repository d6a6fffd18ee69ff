package storage

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestOverlayKeepsWhatIsForeign: for random rows with foreign keys at every level,
// what is written back has each foreign key of what is still there, and is to this
// version exactly what it wrote.
func TestOverlayKeepsWhatIsForeign(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		for _, of := range []reflect.Type{
			reflect.TypeFor[bot.Incident](), reflect.TypeFor[bot.Rollback](), reflect.TypeFor[bot.FollowUp](), reflect.TypeFor[bot.Reminder](),
		} {
			before, after := random(r, of), random(r, of)
			g := &grafter{}
			stored := g.graft(of, plainOf(t, before.Interface()), plainOf(t, after.Interface()), true, "")
			fresh, err := json.Marshal(after.Interface())
			if err != nil {
				t.Fatal(err)
			}
			got, err := overlay(of, mustJSON(t, stored), fresh)
			if err != nil {
				t.Fatal(err)
			}
			for key := range g.stays {
				if !strings.Contains(string(got), key) {
					t.Fatalf("seed %d: %s of %v is lost:\n%s\n%s", seed, key, of, mustJSON(t, stored), got)
				}
			}
			for key := range g.goes {
				if strings.Contains(string(got), key) {
					t.Fatalf("seed %d: %s of %v is still there:\n%s", seed, key, of, got)
				}
			}
			back := reflect.New(of)
			if err := json.Unmarshal(got, back.Interface()); err != nil {
				t.Fatal(err)
			}
			if have := mustJSON(t, back.Interface()); have != string(fresh) {
				t.Fatalf("seed %d: %v\nwrote %s\nreads %s", seed, of, fresh, have)
			}
			if n := strings.Count(string(got), `"zz`); n != len(g.stays) {
				t.Fatalf("seed %d: %d foreign keys, want %d", seed, n, len(g.stays))
			}
		}
	}
}

// grafter adds keys that no version of ours has.
type grafter struct {
	n           int
	stays, goes map[string]bool
}

// graft is old with a foreign key in every object; stays says whether it has a
// counterpart in what is written.
func (g *grafter) graft(of reflect.Type, old, now any, stays bool, path string) any {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if reflect.PointerTo(of).Implements(marshaler) {
		return old
	}
	switch m := old.(type) {
	case map[string]any:
		has, there := now.(map[string]any)
		stays = stays && there
		if of.Kind() == reflect.Map {
			for k := range m {
				sub, ok := has[k]
				m[k] = g.graft(of.Elem(), m[k], sub, stays && ok, path+"."+k)
			}
			return m
		}
		fields := fieldsOf(of)
		for k := range m {
			sub, ok := has[k]
			m[k] = g.graft(fields[k], m[k], sub, stays && ok, path+"."+k)
		}
		key := fmt.Sprintf("zz%d%s_", g.n, path)
		g.n++
		if g.stays == nil {
			g.stays, g.goes = map[string]bool{}, map[string]bool{}
		}
		if stays {
			g.stays[key] = true
		} else {
			g.goes[key] = true
		}
		m[key] = []any{json.Number("12345678901234567890"), "<&>"}
		return m
	case []any:
		list, _ := now.([]any)
		for k := range m {
			one, _ := m[k].(map[string]any)
			partner, ok := partner(one, m, list, of.Elem())
			m[k] = g.graft(of.Elem(), m[k], partner, stays && ok, path+"[]")
		}
	}
	return old
}

// partner is the only element of list that one of all stands for, if there is one:
// the same word in the plain words of the specification.
func partner(one map[string]any, all, list []any, of reflect.Type) (any, bool) {
	if of.Kind() != reflect.Struct {
		return nil, false
	}
	for _, name := range []string{"number", "id", "seq", "name"} {
		if fieldsOf(of)[name] == nil {
			continue
		}
		find := func(in []any) (found any, n int) {
			for _, e := range in {
				if m := e.(map[string]any); m[name] != nil && m[name] == one[name] {
					found, n = e, n+1
				}
			}
			return found, n
		}
		if _, n := find(all); n != 1 {
			return nil, false
		}
		found, n := find(list)
		return found, n == 1
	}
	return nil, false
}

// random is a value with some of its fields set, and few different words, so that
// elements meet.
func random(r *rand.Rand, of reflect.Type) reflect.Value {
	v := reflect.New(of)
	fill(r, v.Elem())
	return v
}

func fill(r *rand.Rand, v reflect.Value) {
	if r.IntN(4) == 0 {
		return
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.UnixMicro(r.Int64N(1e15)).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for k := range v.NumField() {
			if f := v.Field(k); f.CanSet() {
				fill(r, f)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(4), 4))
		for k := range v.Len() {
			fill(r, v.Index(k))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(3) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			key.SetString(string(rune('a' + r.IntN(3))))
			fill(r, value)
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		v.SetString([]string{"a", "b", "<c>&"}[r.IntN(3)])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64N(4))
	case reflect.Uint8:
		v.SetUint(uint64(r.IntN(4)))
	}
}

func plainOf(t *testing.T, v any) (out any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(mustJSON(t, v)))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// BenchmarkDecode is how the state of an incident is read, and how it was before
// foreign keys were looked for.
func BenchmarkDecode(b *testing.B) {
	i := random(rand.New(rand.NewPCG(7, 7)), reflect.TypeFor[bot.Incident]())
	data, err := json.Marshal(i.Interface())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if err := (&tx{}).decode(string(data), &bot.Incident{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			if err := json.Unmarshal(data, &bot.Incident{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
