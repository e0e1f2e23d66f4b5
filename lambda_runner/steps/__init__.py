"""The steps of the state machine around a run: plan, progress, record, finalise."""
