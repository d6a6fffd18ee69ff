package fakegithub_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

var repoPublic = fakegithub.Repo{Name: "acme/public", Assignees: []string{"ana"}}

func TestTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddRepo(repoPublic)
	for header, want := range map[string]int{
		"": 404, "Bearer " + testToken: 200, "token " + testToken: 200, "Bearer wrong": 401, "Bearer": 401, "Basic " + testToken: 401,
		"Bearer " + testToken + "x": 401, "Bearer ghs_x.y.z": 401, "Bearer x.y.z": 401,
	} {
		resp := w.raw("GET /api/v3/repos/acme/postmortems", "", "Authorization", header)
		if resp.StatusCode != want {
			t.Errorf("%q: %d, want %d", header, resp.StatusCode, want)
		}
		if body := text(t, resp); want == 401 && !strings.Contains(header, ".") && !strings.Contains(body, `"message":"Bad credentials"`) {
			t.Errorf("%q: %s", header, body)
		}
	}
	if resp := w.raw("GET /repos/acme/public/issues", "", "Authorization", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("what is public is not: %d", resp.StatusCode)
	}
	if resp := w.raw("POST /repos/acme/public/issues", `{"title":"x"}`, "Authorization", ""); resp.StatusCode != http.StatusUnauthorized || len(w.Issues("acme/public")) != 0 {
		t.Errorf("nobody may write: %d", resp.StatusCode)
	}
	if me := must(w.client(testToken).Users.Get(w.ctx, "")); me.GetLogin() != "tocsin[bot]" {
		t.Errorf("%v", me)
	}
	open := newWorld(t, func(o *fakegithub.Options) { o.Token = "" })
	if resp := open.raw("GET /user", "", "Authorization", "Bearer "); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("the empty token opens: %d", resp.StatusCode)
	}
	for _, c := range w.Calls() {
		if strings.Contains(fmt.Sprintf("%+v", c), testToken) {
			t.Errorf("the journal holds the token: %+v", c)
		}
	}
}

// jwt is what an App with this key would send.
func jwt(t *testing.T, key *rsa.PrivateKey, head, claims string) string {
	t.Helper()
	enc := base64.RawURLEncoding.EncodeToString
	signed := enc([]byte(head)) + "." + enc([]byte(claims))
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + enc(sig)
}

// newApp is a world with an App, and how that signs. The header of its JWTs can
// be changed.
func newApp(t *testing.T, head ...string) (*world, func(iss any, iat, exp time.Duration) string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(o *fakegithub.Options) { o.AppID, o.InstallationID, o.PublicKey = "12", "34", &key.PublicKey })
	w.AddRepo(repoPublic)
	head = append(head, `{"alg":"RS256","typ":"JWT"}`)
	return w, func(iss any, iat, exp time.Duration) string {
		now := w.now
		return jwt(t, key, head[0], fmt.Sprintf(`{"iss":%v,"iat":%d,"exp":%d}`, iss, now.Add(iat).Unix(), now.Add(exp).Unix()))
	}
}

func TestAnAppBuysATokenByJWT(t *testing.T) {
	t.Parallel()
	w, sign := newApp(t)
	good := sign(`"12"`, -time.Minute, 9*time.Minute)
	app := w.client(good)
	if a := must(app.Apps.Get(w.ctx, "")); a.GetID() != 12 || a.GetSlug() != "tocsin" {
		t.Errorf("%v", a)
	}
	if i := must(app.Apps.FindRepositoryInstallation(w.ctx, "acme", "postmortems")); i.GetID() != 34 {
		t.Errorf("%v", i)
	}
	bought := must(app.Apps.CreateInstallationToken(w.ctx, 34, nil))
	if len(bought.GetToken()) < 100 || !strings.HasPrefix(bought.GetToken(), "ghs_12_") || !bought.GetExpiresAt().Time.Equal(begin.Add(time.Hour).Truncate(time.Second)) {
		t.Errorf("%v", bought)
	}
	c := w.client(bought.GetToken())
	must(c.Issues.Create(w.ctx, "acme", "postmortems", &github.IssueRequest{Title: new("x")}))
	if list := must(c.Apps.ListRepos(w.ctx, nil)); list.GetTotalCount() != 2 || len(list.Repositories) != 2 {
		t.Errorf("%v", list)
	}
	if _, _, err := app.Issues.Get(w.ctx, "acme", "postmortems", 1); status(err) != 404 && status(err) != 401 {
		t.Errorf("a JWT opens more than it should: %v", err)
	}
	if _, _, err := c.Apps.Get(w.ctx, ""); status(err) != 401 {
		t.Errorf("a token opens the App: %v", err)
	}
	narrow := must(app.Apps.CreateInstallationToken(w.ctx, 34, &github.InstallationTokenOptions{Repositories: []string{"public"}, Permissions: &github.InstallationPermissions{Issues: new("read")}}))
	n := w.client(narrow.GetToken())
	if _, _, err := n.Issues.Get(w.ctx, "acme", "postmortems", 1); status(err) != 404 {
		t.Errorf("%v", err)
	}
	if _, _, err := n.Issues.Create(w.ctx, "acme", "public", &github.IssueRequest{Title: new("x")}); status(err) != 403 {
		t.Errorf("%v", err)
	}
	if _, _, err := app.Apps.CreateInstallationToken(w.ctx, 34, &github.InstallationTokenOptions{Repositories: []string{"nope"}}); status(err) != 422 {
		t.Errorf("%v", err)
	}
	if _, _, err := app.Apps.CreateInstallationToken(w.ctx, 35, nil); status(err) != 404 {
		t.Errorf("%v", err)
	}
	w.pass(time.Hour)
	if _, _, err := c.Issues.Get(w.ctx, "acme", "postmortems", 1); status(err) != 401 {
		t.Errorf("an old token: %v", err)
	}
	w.pass(-time.Hour)
	w.RevokeTokens()
	if _, _, err := c.Issues.Get(w.ctx, "acme", "postmortems", 1); status(err) != 401 {
		t.Errorf("a revoked token: %v", err)
	}
}

func TestJWTsThatAreRefused(t *testing.T) {
	t.Parallel()
	w, sign := newApp(t)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	fine := fmt.Sprintf(`{"iss":"12","iat":%d,"exp":%d}`, begin.Unix()-60, begin.Unix()+60)
	enc := base64.RawURLEncoding.EncodeToString
	for name, token := range map[string]string{
		"another App":  sign(`"13"`, -time.Minute, time.Minute),
		"no issuer":    sign(`null`, -time.Minute, time.Minute),
		"too long":     sign(`"12"`, -time.Minute, 11*time.Minute),
		"over":         sign(`"12"`, -2*time.Minute, -time.Second),
		"not yet":      sign(`"12"`, time.Minute, 2*time.Minute),
		"another key":  jwt(t, stranger, `{"alg":"RS256"}`, fine),
		"no signature": enc([]byte(`{"alg":"none"}`)) + "." + enc([]byte(fine)) + ".",
		"no time":      sign(`"12","exp":null,"x"`, 0, 0),
	} {
		resp := w.raw("POST /api/v3/app/installations/34/access_tokens", "", "Authorization", "Bearer "+token)
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, resp.StatusCode, text(t, resp))
		}
	}
	other, signOther := newApp(t, `{"alg":"RS512"}`)
	if resp := other.raw("GET /app", "", "Authorization", "Bearer "+signOther(`"12"`, 0, time.Minute)); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("another algorithm: %d", resp.StatusCode)
	}
	if resp := w.raw("GET /app", "", "Authorization", "Bearer "+sign(12, 0, 10*time.Minute)); resp.StatusCode != http.StatusOK {
		t.Errorf("an issuer that is a number: %s", text(t, resp))
	}
}
