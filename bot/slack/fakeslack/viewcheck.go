package fakeslack

import "encoding/json"

// readView checks a view as the views methods and response_action take it.
func readView(raw string, on surface) (viewDef, error) {
	var def viewDef
	if json.Unmarshal([]byte(raw), &def) != nil {
		return def, invalidArguments("failed to match all allowed schemas [json-pointer:/view]")
	}
	c := &checker{surface: on, blockIDs: map[string]bool{}}
	if def.Type != map[surface]string{inModal: "modal", inHome: "home"}[on] {
		c.errorf("/view/type", "unsupported type: %s", def.Type)
	}
	if len(raw) > 250_000 {
		return def, fail("view_too_large")
	}
	c.titles(def)
	c.length("/view/private_metadata", def.PrivateMetadata, 3000)
	c.length("/view/callback_id", def.CallbackID, maxID)
	c.length("/view/external_id", def.ExternalID, maxID)
	blocks, err := c.list("/view/blocks", def.Blocks)
	if err != nil {
		c.errorf("/view/blocks", "failed to match all allowed schemas")
	}
	if on == inModal && len(c.inputs) > 0 && def.Submit == nil {
		c.errorf(c.inputs[0], "must define `submit` to use an `input` block in modals")
	}
	if c.focus > 1 {
		c.errorf("/view/blocks", "only one element may have focus_on_load")
	}
	if len(c.errs) > 0 {
		return def, invalidArguments(c.errs...)
	}
	def.Blocks = blocks
	return def, nil
}

func (c *checker) titles(def viewDef) {
	if c.surface != inModal {
		return
	}
	if def.Title == nil {
		c.errorf("/view", "missing required field: title")
	}
	for name, raw := range map[string]json.RawMessage{"title": def.Title, "submit": def.Submit, "close": def.Close} {
		var t any
		if raw != nil && json.Unmarshal(raw, &t) == nil {
			c.text("/view/"+name, t, 24, plainOnly)
		}
	}
}
