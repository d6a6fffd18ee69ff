package slack

import "context"

// head says in a configured channel what the head of the record is. However late,
// it is worth keeping.
func (s *Slack) head(ctx context.Context, t *task) error {
	c, err := s.channelID(ctx, t.w.Notice.Channel)
	if err != nil {
		return err
	}
	_, err = s.post(ctx, t, ref{channel: c}, s.houseMessage(s.settings().HeadMessage(*t.w.Notice)))
	return err
}
