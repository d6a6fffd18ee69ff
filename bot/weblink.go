package bot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
)

// linkDays is for how long a link to a page opens it: long enough for a
// post-mortem to be read and spoken about.
const linkDays = 30

// PostmortemURL is where the post-mortem of i is read in a browser. Whoever has
// the link can open it until it is over, so it is shown only to those who may
// read i. Without a [Settings.LinkKey] it is the API's address.
func (s *Settings) PostmortemURL(i *Incident, now time.Time) string {
	if len(s.LinkKey) == 0 {
		return fmt.Sprintf("%s/api/v1/incidents/%d/postmortem.html", s.BaseURL, i.Number)
	}
	// Whole days, so that a message that is drawn again says the same.
	until := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, linkDays+1).Unix()
	return fmt.Sprintf("%s/dashboard/incidents/%d/postmortem?until=%d&key=%s", s.BaseURL, i.Number, until, s.linkKey(i.Number, until))
}

// OpensPostmortem reports whether until and key are those of a link to the
// post-mortem of an incident; over says that they were.
func (s *Settings) OpensPostmortem(incident int64, until, key string, now time.Time) (opens, over bool) {
	at, err := strconv.ParseInt(until, 10, 64)
	if err != nil || len(s.LinkKey) == 0 || !hmac.Equal([]byte(key), []byte(s.linkKey(incident, at))) {
		return false, false
	}
	over = now.Unix() >= at
	return !over, over
}

func (s *Settings) linkKey(incident, until int64) string {
	mac := hmac.New(sha256.New, s.LinkKey)
	_, _ = fmt.Fprintf(mac, "postmortem/%d/%d", incident, until)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
