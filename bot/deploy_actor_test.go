package bot

import (
	"strings"
	"testing"
)

// TestActorsThatArePeople: a deploy system gives back the id of who asked for a
// rollback; people read a name.
func TestActorsThatArePeople(t *testing.T) {
	t.Parallel()
	for actor, person := range map[string]bool{
		"U0CEM": true, "W012A3CDE": true, "UABCDEFGH": true, "U2147483697": true,
		"cem": false, "ci-bot": false, "U1": false, "UNIT": false, "WEBHOOK": false, "S0123456789": false, "U0CEM, ben": false, "": false,
	} {
		want := Plain(actor)
		if person {
			want = MentionUser(UserID(actor))
		}
		if got := ActorText(actor); got != want {
			t.Errorf("%q is drawn as %q", actor, got)
		}
	}

	deployed := at(t, "20:00")
	r := &Rollback{State: RollbackAwaiting}
	s := Step{From: Version{ID: "2", By: "ci_bot", At: &deployed}, To: Version{ID: "1", By: "U0CEM", At: &deployed}}
	if got := s.change(r); !strings.HasSuffix(string(got), "by "+string(MentionUser("U0CEM"))) || !strings.Contains(got.String(), "by ci_bot") {
		t.Errorf("the plan says %q", got)
	}
	set := kustomerSettings()
	if got := (Deploy{Service: "api", Version: "v1", Environment: "prod", Status: DeploySucceeded, Actor: "U0CEM"}).sentence(set); !strings.HasSuffix(string(got), ", by "+string(MentionUser("U0CEM"))) {
		t.Errorf("the timeline says %q", got)
	}
	for actor, want := range map[string]Text{"U0CEM": MentionUser("U0CEM"), "ci_bot": `ci\_bot`} {
		x := kustomerReport(t, func(_ *record, s *shelf) { s.deploys[2].Actor = actor }).section(SectionTrigger)
		if !strings.Contains(string(x.Text), " by "+string(want)+", 4 min before") || strings.Contains(x.Public.String(), "by") {
			t.Errorf("the report says %q, and customers read %q", x.Text, x.Public)
		}
	}
}
