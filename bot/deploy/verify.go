package deploy

import (
	"context"
	"fmt"
	"net/http"

	"github.com/tocsin-dev/tocsin/bot/wire"
)

// verifier asks one health check. It holds no secret.
type verifier struct {
	v     Verify
	gate  *gate
	reads *http.Client
	scrub scrubber
}

// newVerifier makes a verifier of a check that [Verify.Check] found no fault
// with.
func newVerifier(v Verify, dial dialer, allowLoopback bool, redact *wire.Redactor) (*verifier, error) {
	if dial == nil {
		dial = wire.NewClient
	}
	guard, err := v.guard()
	if err != nil {
		return nil, err
	}
	guard.AllowLoopback = allowLoopback
	out := &verifier{v: v, scrub: newScrubber(redact, Auth{})}
	if out.gate, err = newGate(guard); err != nil {
		return nil, err
	}
	out.reads, err = dial(guard)
	return out, err
}

// guard lets a check go to the host of its URL, unless it names others.
func (v Verify) guard() (wire.Guard, error) {
	u, err := v.URL.origin()
	switch {
	case err != nil:
		return wire.Guard{}, fmt.Errorf("%q %w", v.URL, err)
	case u == nil:
		return wire.Guard{}, fmt.Errorf("%q has no host; write https://…", v.URL)
	}
	hosts := v.Hosts
	if len(hosts) == 0 {
		hosts = []string{u.Host}
	}
	return wire.Guard{Hosts: hosts, AllowCIDRs: v.CIDRs, Timeout: callTime}, nil
}

// check asks once whether what runs is healthy; why says what is wrong, in one
// line.
func (v *verifier) check(ctx context.Context, vars map[string]string) (ok bool, why string) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	a, err := v.ask(ctx, vars)
	if err != nil {
		return false, v.scrub.error(err).Error()
	}
	want := v.v.Status
	if want == 0 {
		want = http.StatusOK
	}
	if a.status != want {
		return false, v.scrub.told(a)
	}
	if v.v.Path == "" {
		return true, ""
	}
	if err := v.compare(a, vars); err != nil {
		return false, v.scrub.error(err).Error()
	}
	return true, ""
}

func (v *verifier) ask(ctx context.Context, vars map[string]string) (answer, error) {
	to, err := v.v.URL.fillURL(vars)
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, to, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	if err := v.gate.check(req.URL); err != nil {
		return answer{}, err
	}
	req.Header.Set("User-Agent", "Tocsin")
	req.Header.Set("Accept", "application/json")
	return exchange(v.reads, req, req.URL)
}

// compare looks whether the value that the check names is the one it wants.
func (v *verifier) compare(a answer, vars map[string]string) error {
	want, err := v.v.Equals.fill(vars)
	if err != nil {
		return err
	}
	doc, err := a.json()
	if err != nil {
		return err
	}
	r, err := at(doc, v.v.Path, vars)
	if err != nil {
		return err
	}
	switch is, ok := text(r); {
	case !ok:
		return fmt.Errorf("%s is not told", v.v.Path)
	case is != want:
		return fmt.Errorf("%s is %s, not %s", v.v.Path, is, want)
	}
	return nil
}
