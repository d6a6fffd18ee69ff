package fakeslack

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxBody is more than any call needs; Slack's own limit for views is 250 kB.
const maxBody = 4 << 20

// args are a call's arguments, whatever they came as. Structures are JSON text.
type args map[string]string

// readArgs takes arguments from the query, a form, a multipart form or a JSON
// object, and the token from the body or the header. A token in the query is
// not looked at, as for every app made since 2021.
func readArgs(w http.ResponseWriter, r *http.Request) (args, string, error) {
	a := args{}
	a.fill(r.URL.Query())
	delete(a, "token")
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := a.readBody(r); err != nil {
		return a, "", err
	}
	token := a["token"]
	delete(a, "token")
	if header, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = strings.TrimSpace(header)
	}
	return a, token, nil
}

func (a args) readBody(r *http.Request) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return fail("invalid_post_type")
		}
		return a.readJSON(body)
	case "multipart/form-data":
		if err := r.ParseMultipartForm(maxBody); err != nil { //nolint:gosec // readArgs has bounded the body
			return fail("invalid_form_data")
		}
		a.fill(r.MultipartForm.Value)
	default:
		if err := r.ParseForm(); err != nil {
			return fail("invalid_form_data")
		}
		a.fill(r.PostForm)
	}
	return nil
}

func (a args) readJSON(body []byte) error {
	if len(body) == 0 {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return fail("invalid_json")
	}
	for name, raw := range fields {
		var text string
		switch {
		case string(raw) == "null":
			continue
		case json.Unmarshal(raw, &text) == nil:
			a[name] = text
		default:
			a[name] = string(raw)
		}
	}
	return nil
}

func (a args) fill(values url.Values) {
	for name, v := range values {
		if len(v) > 0 {
			a[name] = v[0]
		}
	}
}

func (a args) given(name string) bool {
	_, ok := a[name]
	return ok
}

func (a args) bool(name string) bool {
	return a[name] == "true" || a[name] == "1"
}

// list reads a comma-separated argument, or a JSON array of strings.
func (a args) list(name string) []string {
	var out []string
	if json.Unmarshal([]byte(a[name]), &out) == nil {
		return out
	}
	for part := range strings.SplitSeq(a[name], ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// page cuts one page out of a list by cursor and limit. Cursors are opaque:
// "offset:" and where to go on.
func page[T any](a args, all []T, standard, most int) ([]T, string, error) {
	limit := standard
	if n, err := strconv.Atoi(a["limit"]); err == nil && n > 0 {
		limit = min(n, most)
	}
	from := 0
	if cursor := a["cursor"]; cursor != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(cursor, "offset:"))
		if err != nil || n < 0 || n > len(all) {
			return nil, "", fail("invalid_cursor")
		}
		from = n
	}
	to := min(from+limit, len(all))
	next := ""
	if to < len(all) {
		next = "offset:" + strconv.Itoa(to)
	}
	return all[from:to], next, nil
}

func withCursor(o obj, next string) obj {
	o["response_metadata"] = obj{"next_cursor": next}
	return o
}
