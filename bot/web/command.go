package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

const (
	// maxBody is the longest body that is read, in bytes.
	maxBody = 1 << 20
	// maxKey is the longest Idempotency-Key, in bytes.
	maxKey = 255
	// cliAgent begins the User-Agent of `tocsin run`, which is told apart from
	// other programs in the record.
	cliAgent = "tocsin-cli"
)

type commandBody struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
	Text    string `json:"text"`
}

type commandAnswer struct {
	OK       bool   `json:"ok"`
	Text     string `json:"text"`
	Incident *int64 `json:"incident"`
}

func (s *Server) postCommand(ctx context.Context, c call) (any, error) {
	raw, err := readBody(c.w, c.Request)
	if err != nil {
		return nil, err
	}
	body, err := parseCommand(raw)
	if err != nil {
		return nil, err
	}
	r, err := s.request(c, body)
	if err != nil {
		return nil, err
	}
	if key := c.Header.Get("Idempotency-Key"); key != "" {
		if len(key) > maxKey {
			return nil, bot.Invalid("The Idempotency-Key is longer than %d bytes.", maxKey)
		}
		sum := sha256.Sum256(raw)
		r.Key, r.Digest = "api:"+c.caller.id+":"+key, hex.EncodeToString(sum[:])
	}
	reply, err := s.dispatch.Dispatch(ctx, r)
	if err != nil {
		return nil, repeatable(r, err)
	}
	if reply.Form != nil {
		return nil, missing(*reply.Form)
	}
	answer := commandAnswer{OK: true, Text: plainMessage(reply.Message)}
	if reply.Incident != 0 {
		answer.Incident = &reply.Incident
	}
	return answer, nil
}

// repeatable adds to what may have been done or not that, with its key, it can be
// sent again and is done once.
func repeatable(r bot.Request, err error) error {
	var known *bot.Error
	if r.Key == "" || !errors.As(err, &known) || known.Kind != bot.KindUnknown {
		return err
	}
	hinted := *known
	return hinted.WithHint("Send it again with the same Idempotency-Key: if it was done, you get its answer, and it is not done twice.")
}

// readBody reads at most [maxBody]. Any content type will do, since what tools
// send by default differs; a form with parts is surely a mistake.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); strings.HasPrefix(kind, "multipart/") {
		return nil, refuse(http.StatusUnsupportedMediaType, "The body must be JSON.")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, refuse(http.StatusRequestEntityTooLarge, "The body is longer than %d bytes.", maxBody)
	case err != nil:
		return nil, bot.Invalid("The body ended early.")
	}
	return raw, nil
}

const example = `Send {"user":"U012ABCDEF","text":"declare sev1 Checkout is down"}.`

// parseCommand reads a body strictly: an unknown field is a mistake that would
// otherwise pass unseen.
func parseCommand(raw []byte) (commandBody, error) {
	var body commandBody
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return body, bot.Invalid("The body cannot be read: %s.", jsonFault(err)).WithHint("%s", example)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return body, bot.Invalid("Something follows the JSON object in the body.").WithHint("%s", example)
	}
	if strings.TrimSpace(body.Text) == "" {
		return body, bot.Invalid("The text is missing.").WithHint("%s", example)
	}
	if body.User != "" && !bot.IsUserID(body.User) {
		return body, bot.Invalid("%q is no user id.", body.User).WithHint("Give it as in Slack's profile: U012ABCDEF.")
	}
	if body.Channel != "" && !isChannelID(body.Channel) {
		return body, bot.Invalid("%q is no channel id.", body.Channel).WithHint("Give it as in the channel's details: C012ABCDEF.")
	}
	return body, nil
}

// jsonFault is what the decoder says, without the name of our package.
func jsonFault(err error) string {
	if errors.Is(err, io.EOF) {
		return "it is empty"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

func isChannelID(s string) bool {
	if len(s) < 2 || !strings.ContainsRune("CGD", rune(s[0])) {
		return false
	}
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// request says who speaks: a personal token's owner, or whom the root token
// names.
func (s *Server) request(c call, body commandBody) (bot.Request, error) {
	r := bot.Request{
		User: bot.UserID(body.User), Root: c.caller.root, Channel: bot.ChannelID(body.Channel),
		Line: bot.ParseRefs(body.Text), Exact: true, Verbs: c.caller.verbs, At: s.bot.Now(), Via: bot.ViaAPI,
	}
	if strings.HasPrefix(c.UserAgent(), cliAgent) {
		r.Via = bot.ViaCLI
	}
	switch {
	case c.caller.root && r.User == "":
		return r, bot.Invalid("The root token speaks in somebody's name, and the user is missing.").WithHint("%s", example)
	case !c.caller.root && r.User == "":
		r.User = c.caller.user
	case !c.caller.root && r.User != c.caller.user:
		return r, bot.Forbidden("This token acts as its owner only.").WithHint("Leave the user out, or use that person's token.")
	}
	return r, nil
}

// missing says which arguments the verb needs; a program cannot fill in a form.
func missing(f bot.Form) error {
	var names []string
	for _, in := range f.Inputs {
		if in.Required && in.Value == "" {
			names = append(names, in.Name)
		}
	}
	if len(names) == 0 {
		for _, in := range f.Inputs {
			names = append(names, in.Name)
		}
	}
	return bot.Invalid("%s needs more: %s.", f.Verb, strings.Join(names, ", ")).WithHint("help %s shows the whole line.", f.Verb)
}

// joinFields writes the faults of a form in a fixed order.
func joinFields(fields map[string]string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		out = append(out, name+": "+strings.TrimSuffix(fields[name], "."))
	}
	return strings.Join(out, "; ")
}
