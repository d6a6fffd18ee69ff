package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// anyVerb marks an endpoint that every token may use.
const anyVerb = "*"

// UserHeader names the person as whom the root token reads.
const UserHeader = "X-Tocsin-User"

// caller is whom a request is for.
type caller struct {
	root  bool
	id    string     // of the token, for idempotency keys
	user  bot.UserID // of a personal token: its owner
	verbs []string
}

// covers reports whether the token's verbs let it do verb.
func (c caller) covers(verb string) error {
	first, _, _ := strings.Cut(verb, " ")
	if len(c.verbs) == 0 || verb == anyVerb || slices.Contains(c.verbs, verb) || slices.Contains(c.verbs, first) {
		return nil
	}
	return bot.Forbidden("This token may only be used for: %s.", strings.Join(c.verbs, ", ")).
		WithHint("Make one without --verbs, or with the verb that this needs.")
}

// authenticate finds out whom r is for. Without any token that could work the
// API does not exist.
func (s *Server) authenticate(ctx context.Context, r *http.Request) (caller, error) {
	token, given := bearer(r)
	if given && s.isRoot(token) {
		return caller{root: true, id: "root"}, nil
	}
	if !given && s.hasRoot {
		return caller{}, unauthorized("A token is needed.")
	}
	var found caller
	err := s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		if given {
			t, err := tx.TokenByHash(bot.HashToken(token))
			if err == nil && t.Live(s.bot.Now()) {
				found = caller{id: strconv.FormatInt(t.ID, 10), user: t.User, verbs: t.Verbs}
				return nil
			}
			if err != nil && bot.KindOf(err) != bot.KindNotFound {
				return err
			}
		}
		return s.refuseToken(tx, given)
	})
	return found, err
}

func (s *Server) refuseToken(tx bot.ReadTx, given bool) error {
	if !s.hasRoot {
		all, err := tx.Tokens()
		if err != nil {
			return err
		}
		now := s.bot.Now()
		if !slices.ContainsFunc(all, func(t bot.Token) bool { return t.Live(now) }) {
			return bot.NotFound("The API is off.").WithHint("Set TOCSIN_API_TOKEN, or make a token with: tocsin token create USER")
		}
	}
	if given {
		return unauthorized("This token is wrong, expired or revoked.")
	}
	return unauthorized("A token is needed.")
}

func unauthorized(text string) error {
	e := bot.Forbidden("%s", text).WithHint("Send the header Authorization: Bearer TOKEN.")
	return &refusal{http.StatusUnauthorized, e}
}

// isRoot compares hashes, so that neither the time nor the length tells
// anything of the token.
func (s *Server) isRoot(token string) bool {
	sum := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(sum[:], s.root[:]) == 1 && s.hasRoot
}

func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

// reader returns as whom c reads: a personal token's owner; for the root token
// whomever the request names, else everyone. Guests, apps and people who left
// read nothing, as in Slack.
func (s *Server) reader(tx bot.ReadTx, c call) (bot.Viewer, error) {
	user := c.caller.user
	if named := bot.UserID(firstOf(c.URL.Query().Get("user"), c.Header.Get(UserHeader))); named != "" {
		if !bot.IsUserID(string(named)) {
			return bot.Viewer{}, bot.Invalid("%q is no user id.", string(named)).WithHint("Give it as in Slack's profile: U012ABCDEF.")
		}
		if !c.caller.root && named != user {
			return bot.Viewer{}, bot.Forbidden("This token reads as its owner only.").WithHint("Leave the user out.")
		}
		user = named
	}
	if user == "" {
		return bot.Everyone(), nil
	}
	who, err := bot.FindPerson(tx, user)
	if err != nil {
		return bot.Viewer{}, err
	}
	if !s.bot.Settings.May(bot.RightNone, who, nil, nil) {
		if who.Unknown {
			return bot.Viewer{}, bot.UnknownYet(user)
		}
		return bot.Viewer{}, bot.Forbidden("Guests, apps and people who left may not read incidents.")
	}
	return bot.As(user), nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
