package bot

import (
	"context"
	"slices"
)

// Membership keeps that person joined (or left) channel c, if c is the channel
// of a private incident: who may see that incident follows from it. For other
// channels it does nothing. It is no event: the workspace keeps that record.
func (b *Bot) Membership(ctx context.Context, c ChannelID, person UserID, joined bool) error {
	return b.members(ctx, c, func(list []UserID) []UserID {
		list = slices.DeleteFunc(list, func(id UserID) bool { return id == person })
		if joined {
			list = append(list, person)
		}
		return list
	})
}

// Members keeps that exactly people are in channel c, as [Bot.Membership] does
// for one.
func (b *Bot) Members(ctx context.Context, c ChannelID, people []UserID) error {
	return b.members(ctx, c, func([]UserID) []UserID { return slices.Clone(people) })
}

func (b *Bot) members(ctx context.Context, c ChannelID, change func([]UserID) []UserID) error {
	return b.Store.Update(ctx, func(tx Tx) error {
		i, err := tx.IncidentByChannel(Self(), c)
		if KindOf(err) == KindNotFound {
			return nil
		}
		if err != nil || !i.Private {
			return err
		}
		old, err := tx.Members(i.Number)
		if err != nil {
			return err
		}
		slices.Sort(old)
		list := change(slices.Clone(old))
		slices.Sort(list)
		if list = slices.Compact(list); slices.Equal(list, old) {
			return nil
		}
		return tx.SetMembers(i.Number, list)
	})
}
