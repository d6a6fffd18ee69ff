package bot

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// tokenList keeps tokens as a store does.
type tokenList []Token

func (l *tokenList) CreateToken(t Token) (int64, error) {
	*l = append(*l, t)
	return int64(len(*l)), nil
}

func (l *tokenList) RevokeToken(id int64, now time.Time) error {
	(*l)[id-1].RevokedAt = now
	return nil
}

func TestCreateToken(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var kept tokenList
	plain, made, err := CreateToken(&kept, Token{User: "U1", Verbs: []string{" Note", "note", "list", ""}, ExpiresAt: now.Add(time.Hour)}, now)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := CreateToken(&kept, Token{User: "U1"}, now)
	if err != nil || plain == other || !strings.HasPrefix(plain, TokenPrefix) || len(plain) != len(TokenPrefix)+64 {
		t.Errorf("made %q and %q (%v)", plain, other, err)
	}
	if k := kept[0]; k.Hash != HashToken(plain) || strings.Contains(k.Hash, plain) || !slices.Equal(k.Verbs, []string{"note", "list"}) || made.ID != 1 {
		t.Errorf("kept %+v", k)
	}
	if !made.Live(now) || made.Live(now.Add(time.Hour)) || !kept[1].Live(now.AddDate(9, 0, 0)) {
		t.Error("a token does not end when it should")
	}
	if err := kept.RevokeToken(2, now); err != nil || kept[1].Live(now) {
		t.Error("a revoked token lives")
	}
	for _, draft := range []Token{{User: "ana"}, {}, {User: "U1", ExpiresAt: now}} {
		if _, _, err := CreateToken(&kept, draft, now); KindOf(err) != KindInvalid {
			t.Errorf("%+v was taken (%v)", draft, err)
		}
	}
	if len(kept) != 2 {
		t.Errorf("%d tokens are kept", len(kept))
	}
}
