package fakegithub

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// visitor is who calls the API.
type visitor struct {
	login    string // empty: nobody, who reads what is public
	app      bool   // the App itself, by JWT
	token    *installationToken
	readOnly bool
}

// installationToken is one that the App was given.
type installationToken struct {
	expires  time.Time
	repos    []string // empty: all
	readOnly bool
}

// tokenLife is how long an installation token is good for.
const tokenLife = time.Hour

// visitor finds out by the Authorization who calls.
func (g *GitHub) visitor(r *http.Request) (visitor, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return visitor{}, nil
	}
	kind, token, _ := strings.Cut(header, " ")
	bad := refuse(http.StatusUnauthorized, "Bad credentials")
	if token == "" || !strings.EqualFold(kind, "bearer") && !strings.EqualFold(kind, "token") {
		return visitor{}, bad
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(g.opt.Token)) == 1 {
		return visitor{login: g.opt.Login}, nil
	}
	if t := g.tokens[token]; t != nil && g.opt.Now().Before(t.expires) {
		return visitor{login: g.opt.Login, token: t, readOnly: t.readOnly}, nil
	}
	if strings.Count(token, ".") == 2 && !strings.HasPrefix(token, "ghs_") {
		if err := g.checkJWT(token); err != nil {
			return visitor{}, err
		}
		return visitor{login: g.opt.Login, app: true}, nil
	}
	return visitor{}, bad
}

// checkJWT checks what an App proves itself with: RS256, issued by it, not for
// longer than ten minutes.
func (g *GitHub) checkJWT(token string) error {
	undecodable := refuse(http.StatusUnauthorized, "A JSON web token could not be decoded")
	part := strings.Split(token, ".")
	var head struct{ Alg string }
	var claims struct {
		Iss      any
		Iat, Exp *float64
	}
	if g.opt.PublicKey == nil || !decodePart(part[0], &head) || !decodePart(part[1], &claims) || head.Alg != "RS256" {
		return undecodable
	}
	sum := sha256.Sum256([]byte(part[0] + "." + part[1]))
	sig, err := base64.RawURLEncoding.DecodeString(part[2])
	if err != nil || rsa.VerifyPKCS1v15(g.opt.PublicKey, crypto.SHA256, sum[:], sig) != nil {
		return undecodable
	}
	issuer, _ := claims.Iss.(string)
	if n, ok := claims.Iss.(float64); ok {
		issuer = strconv.FormatFloat(n, 'f', -1, 64)
	}
	now := float64(g.opt.Now().Unix())
	switch {
	case issuer == "" || issuer != g.opt.AppID:
		return refuse(http.StatusUnauthorized, "'Issuer' claim ('iss') must be an Integer")
	case claims.Iat == nil || *claims.Iat > now:
		return refuse(http.StatusUnauthorized, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	case claims.Exp == nil || *claims.Exp <= now:
		return refuse(http.StatusUnauthorized, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case *claims.Exp > now+600:
		return refuse(http.StatusUnauthorized, "'Expiration time' claim ('exp') is too far in the future")
	}
	return nil
}

func decodePart(part string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(raw, into) == nil
}

// mintToken makes a token for the installation, in the long form of 2026.
func (g *GitHub) mintToken(q request) (reply, error) {
	if q.PathValue("id") != g.opt.InstallationID {
		return reply{}, refuse(http.StatusNotFound, "Not Found")
	}
	var in struct {
		Repositories  []string
		RepositoryIDs []int64 `json:"repository_ids"`
		Permissions   map[string]string
	}
	if err := q.read(&in); err != nil {
		return reply{}, err
	}
	t := &installationToken{expires: g.opt.Now().Add(tokenLife), readOnly: in.Permissions != nil && in.Permissions["issues"] != "write"}
	repos := []obj{}
	for _, r := range g.order {
		if slices.Contains(in.Repositories, r.short()) || slices.Contains(in.RepositoryIDs, r.id) {
			t.repos, repos = append(t.repos, r.Name), append(repos, g.repoJSON(r))
		}
	}
	if len(t.repos) != len(in.Repositories)+len(in.RepositoryIDs) {
		return reply{}, refuse(http.StatusUnprocessableEntity, "There is at least one repository that does not exist or is not accessible to the parent installation.")
	}
	if in.Permissions == nil {
		in.Permissions = map[string]string{"issues": "write", "metadata": "read"}
	}
	// The new form is ghs_, the App's id and a JWT; only its length matters here.
	token := "ghs_" + g.opt.AppID + "_" + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","typ":"JWT"}`)) + "." + rand.Text() + rand.Text() + rand.Text() + "." + rand.Text() + rand.Text()
	g.tokens[token] = t
	body := obj{
		"token": token, "expires_at": t.expires.UTC().Format(time.RFC3339), "permissions": in.Permissions, "repository_selection": "all",
	}
	if len(t.repos) > 0 {
		body["repository_selection"], body["repositories"] = "selected", repos
	}
	return reply{status: http.StatusCreated, body: body}, nil
}

// RevokeTokens makes all installation tokens bad at once.
func (g *GitHub) RevokeTokens() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.tokens)
}

// SetToken changes the personal access token; the old one is bad at once.
func (g *GitHub) SetToken(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opt.Token = token
}

// sees says whether a repository is there for the visitor.
func (v visitor) sees(r *repo) bool {
	switch {
	case v.app:
		return false // a JWT opens the App's own calls only
	case v.login == "":
		return !r.Private && !r.Hidden
	case v.token != nil && len(v.token.repos) > 0:
		return !r.Hidden && containsFold(v.token.repos, r.Name)
	}
	return !r.Hidden
}

// actor is the visitor as somebody who changes a repository.
func (v visitor) actor(r *repo) actor { return actor{v.login, !r.ReadOnly && !v.readOnly} }
