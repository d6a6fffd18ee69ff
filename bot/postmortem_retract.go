package bot

// RetractPostmortem takes the post-mortem off the incident's page; it stays
// published within the organisation, and in the record. Needs [RightPublish].
func RetractPostmortem(w *Work, reason Text) (Event, error) {
	if err := w.Need(RightPublish); err != nil {
		return Event{}, err
	}
	reason, err := body("reason", reason)
	if err != nil {
		return Event{}, err
	}
	if p := w.Incident.Postmortem; p == nil || p.Public == nil {
		e := Conflict("Customers read no post-mortem of incident #%d.", w.Incident.Number)
		if p != nil && p.Published != nil {
			e.Hint = "It is published within the organisation."
		}
		return Event{}, e
	}
	return w.Record(Event{Kind: EventPostmortem, Text: reason, Data: Data{Postmortem: &PostmortemMark{What: PostmortemRetracted}}})
}
