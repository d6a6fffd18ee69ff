package bot

import (
	"errors"
	"fmt"
	"hash/fnv"
	"time"
)

// digestLate is how late a digest is still posted when it was missed while the
// program was down.
const digestLate = 24 * time.Hour

// While replicas are started anew one after the other, one of them may not have a
// digest in its configuration that another has: it is left to the others for a
// while, and its clock ends only when it was in nobody's twice.
const (
	digestElsewhere = 5 * time.Minute
	digestPause     = 30 * time.Second
	digestMisses    = 2
)

var errNoDigest = errors.New("the digest is not configured here; another replica may know it")

// digest posts a digest, if it is still configured so, and sets its clock anew.
func (c *Clock) digest(w *Work, _ Job, s strike) error {
	if s.Digest == nil {
		return nil
	}
	if !configured(w.Settings().Digests, *s.Digest) {
		if w.Now.Sub(s.At) < digestElsewhere {
			return WaitUntil(w.Now.Add(digestPause), errNoDigest)
		}
		if s.N++; s.N >= digestMisses {
			return nil
		}
		return c.nextDigest(w, s)
	}
	s.N = 0
	n := Notice{Kind: NoticeDigest, Channel: s.Digest.Channel, At: s.At}
	if w.Now.Sub(s.At) <= digestLate {
		w.notify(n)
	} else if err := w.Skipped(n, "A digest was not posted: the program was down when it was to be."); err != nil {
		return err
	}
	return c.nextDigest(w, s)
}

func (c *Clock) nextDigest(w *Work, s strike) error {
	j, err := digestJob(*s.Digest, w.Settings().Zone, later(w.Now, s.At))
	if err != nil {
		return Permanent(err)
	}
	j.Payload = Payload(strike{At: j.RunAt, Digest: s.Digest, N: s.N})
	w.planClock(j)
	return nil
}

func configured(all []Digest, d Digest) bool {
	for _, o := range all {
		if o == d {
			return true
		}
	}
	return false
}

// digestJob is the next post of d after t.
func digestJob(d Digest, zone *time.Location, t time.Time) (Job, error) {
	at, err := NextRun(d.Cron, zone, t)
	if err != nil {
		return Job{}, err
	}
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%q %q %q", d.Cron, d.Channel, d.What)
	lane := fmt.Sprintf("clock:digest:%x", h.Sum64())
	return Job{
		Kind: "digest", Lane: lane, Dedup: lane + ":" + itoa(at.Unix()), RunAt: at, Payload: Payload(strike{At: at, Digest: &d}),
	}, nil
}
