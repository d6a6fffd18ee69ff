package fakegithub

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// pageOpen opens an issue and leads to it.
func (g *GitHub) pageOpen(w http.ResponseWriter, r *http.Request) {
	repo, by, ok := g.pagePerson(w, r)
	if !ok {
		return
	}
	i, err := by.Open(r.Context(), repo, strings.TrimSpace(r.PostFormValue("title")), unixLines(r.PostFormValue("body")))
	if err != nil && !gone(err) {
		refusePage(w, err)
		return
	}
	lead(w, "issues/"+strconv.Itoa(i.Number)+"?as="+url.QueryEscape(by.by.login))
}

// pageAct changes an issue and leads back to it.
func (g *GitHub) pageAct(w http.ResponseWriter, r *http.Request) {
	repo, by, ok := g.pagePerson(w, r)
	if !ok {
		return
	}
	number, _ := strconv.Atoi(r.PathValue("number")) // 0 is none
	var err error
	switch r.PathValue("do") {
	case "complete":
		err = by.Close(r.Context(), repo, number, Completed)
	case "decline":
		err = by.Close(r.Context(), repo, number, NotPlanned)
	case "reopen":
		err = by.Reopen(r.Context(), repo, number)
	case "comment":
		err = by.Comment(r.Context(), repo, number, unixLines(r.PostFormValue("comment")))
	default:
		err = refuse(http.StatusNotFound, "an issue can be closed, reopened or commented on")
	}
	if err != nil && !gone(err) {
		refusePage(w, err)
		return
	}
	lead(w, "../"+strconv.Itoa(number)+"?as="+url.QueryEscape(by.by.login))
}

// pagePerson is who acts, and where: only people of the repository do.
func (g *GitHub) pagePerson(w http.ResponseWriter, r *http.Request) (string, Person, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	login := r.PostFormValue("as")
	g.mu.Lock()
	defer g.mu.Unlock()
	found := g.find(r.PathValue("owner") + "/" + r.PathValue("repo"))
	if found == nil {
		refusePage(w, errNoRepo)
		return "", Person{}, false
	}
	return found.Name, g.As(found.person(login)), true
}

// gone says that somebody did not wait until all was told. The change is made.
func gone(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// unixLines undoes what browsers do to the lines of a form.
func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// lead leads to a page, by a relative address: the path that came in may be cut.
func lead(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

func refusePage(w http.ResponseWriter, err error) {
	var no *refusal
	if !errors.As(err, &no) {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	text := no.text
	for _, e := range no.errors {
		if m, ok := e["message"].(string); ok {
			text += ": " + m
		} else if f, ok := e["field"].(string); ok {
			text += ": " + f
		}
	}
	http.Error(w, text, no.status)
}
