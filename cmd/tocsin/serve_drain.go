package main

import (
	"fmt"
	"time"

	"github.com/tocsin-dev/tocsin/storage"
)

// A stop that closed the listeners at once would cut off what a load balancer
// still sends: it looks at /readyz every second or so, and Slack repeats no slash
// command.

const (
	// replicasDrain is for one of several replicas. With the answers that follow it
	// stays within the 10 seconds that docker stop waits, and Kubernetes takes about
	// a second to turn its traffic away.
	replicasDrain = 3 * time.Second
	// longestDrain bounds what can be configured.
	longestDrain = 5 * time.Minute

	wantDrain = "a length of time such as 3s or 0s"
)

// drain is how long a stop still takes requests. Of an SQLite file there is no
// other process that could take them, and the next one waits for this to end.
func (c *Config) drain() time.Duration {
	d, err := time.ParseDuration(c.Drain) // checked where it is not empty
	switch {
	case err == nil:
		return d
	case storage.IsPostgres(c.Database):
		return replicasDrain
	}
	return 0
}

func checkDrain(s string) (string, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > longestDrain {
		return "", fmt.Errorf("%s is no length of time from 0s to 5m; write it as 3s", quote(s))
	}
	return d.String(), nil
}
