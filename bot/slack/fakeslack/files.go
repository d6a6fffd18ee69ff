package fakeslack

import (
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strconv"
)

type file struct {
	id, name, title string
	size            int64
	uploaded, done  bool
	data            []byte
	created         int64
	channels        []string
}

func fileMethods() map[string]method {
	return map[string]method{
		"files.getUploadURLExternal":   {4, "files:write", []string{"filename", "length"}, (*Slack).filesUploadURL},
		"files.completeUploadExternal": {4, "files:write", []string{"files"}, (*Slack).filesComplete},
		"files.info":                   {4, "files:read", []string{"file"}, (*Slack).filesInfo},
	}
}

// File returns the bytes of an uploaded file.
func (s *Slack) File(id string) (name string, data []byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[id]
	if f == nil || !f.done {
		return "", nil, false
	}
	return f.name, f.data, true
}

func (s *Slack) filesUploadURL(a args) (obj, error) {
	n, err := strconv.ParseInt(a["length"], 10, 64)
	if err != nil || n <= 0 {
		return nil, invalidArguments("must be greater than 0 [json-pointer:/length]")
	}
	f := &file{id: s.id("F"), name: path.Base(a["filename"]), size: n, created: s.opt.Now().Unix()}
	s.files[f.id] = f
	return obj{"upload_url": s.opt.PublicURL + "/upload/" + f.id, "file_id": f.id}, nil
}

// serveUpload takes the bytes raw or as a multipart form. Some clients close
// the form twice; what is read before the trouble counts.
func (s *Slack) serveUpload(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(http.MaxBytesReader(w, r.Body, 64<<20))
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextPart()
			if err != nil {
				http.Error(w, "no file in the form", http.StatusBadRequest)
				return
			}
			if p.FileName() != "" {
				body = p
				break
			}
		}
	}
	data, err := io.ReadAll(body)
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body) // the rest of the form
	s.mu.Lock()
	f := s.files[r.PathValue("id")]
	ok := f != nil && !f.done
	if ok {
		f.data, f.uploaded = data, true
	}
	s.mu.Unlock()
	if !ok {
		http.Error(w, "no such upload", http.StatusNotFound)
		return
	}
	_, _ = io.WriteString(w, "OK - "+strconv.Itoa(len(data)))
}

func (s *Slack) filesComplete(a args) (obj, error) {
	var want []struct{ ID, Title string }
	if json.Unmarshal([]byte(a["files"]), &want) != nil || len(want) == 0 {
		return nil, invalidArguments("failed to match all allowed schemas [json-pointer:/files]")
	}
	targets := a.list("channels")
	if a["channel_id"] != "" {
		targets = []string{a["channel_id"]}
	}
	var channels []*channel
	for _, id := range targets {
		c, err := s.target(id)
		if err != nil {
			return nil, err
		}
		channels = append(channels, c)
	}
	out, ids := []obj{}, []string{}
	for _, w := range want {
		f := s.files[w.ID]
		if f == nil || !f.uploaded {
			return nil, fail("file_not_found")
		}
		f.title, f.done = w.Title, true
		if f.title == "" {
			f.title = f.name
		}
		out, ids = append(out, obj{"id": f.id, "title": f.title}), append(ids, f.id)
	}
	for _, c := range channels {
		for _, id := range ids {
			s.files[id].channels = append(s.files[id].channels, c.id)
		}
		s.post(c, &message{
			user: botUserID, bot: true, subtype: "file_share", text: a["initial_comment"], threadTS: a["thread_ts"], files: ids,
		})
	}
	return obj{"files": out}, nil
}

func (s *Slack) fileJSON(f *file) obj {
	link := s.opt.PublicURL + "/file/" + f.id + "/" + f.name
	return obj{
		"id": f.id, "created": f.created, "timestamp": f.created, "name": f.name, "title": f.title,
		"mimetype": fileType(f.name), "filetype": path.Ext(f.name), "user": botUserID, "size": len(f.data), "mode": "hosted",
		"is_external": false, "is_public": false, "url_private": link, "url_private_download": link,
		"permalink": link, "channels": notNull(f.channels), "groups": []string{}, "ims": []string{},
	}
}

func fileType(name string) string {
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

func (s *Slack) filesInfo(a args) (obj, error) {
	f := s.files[a["file"]]
	if f == nil || !f.done {
		return nil, fail("file_not_found")
	}
	return obj{"file": s.fileJSON(f), "comments": []any{}}, nil
}

// serveFile always downloads: what an app uploads must not run in the page.
func (s *Slack) serveFile(w http.ResponseWriter, r *http.Request) {
	name, data, ok := s.File(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(data)
}
