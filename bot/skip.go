package bot

// Skipped records in the house's stream, and logs, that a notice was given to
// nobody, and why. It does so once for each.
func (w *Work) Skipped(n Notice, why string) error {
	c, err := w.Tx.ClaimKey("clock:skipped:"+string(Payload(n)), "", w.Now)
	if err != nil || c.Taken {
		return err
	}
	w.Bot.Log.Warn("a notice was skipped", "kind", n.Kind, "user", n.User, "channel", n.Channel, "at", n.At, "why", why)
	_, err = w.RecordHouse(Event{Kind: EventFailed, Text: Plain(why), Data: Data{Call: n.Kind.call(), User: n.User}})
	return err
}

// call is what could not be delivered, in words.
func (k NoticeKind) call() string {
	if k == NoticeDigest {
		return "a digest"
	}
	return "a reminder"
}
