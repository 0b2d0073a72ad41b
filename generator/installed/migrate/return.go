package migrate

// returns are the ways back that are open before the consumers have run on the other
// side: nothing has to be copied back then.
func (p *planner) returns(s side) error {
	if p.data == nil {
		return nil
	}
	s.offline = p.data.offline
	up, err := p.upSteps(s)
	if err != nil {
		return err
	}
	up[0].Fails = "`oc logs` of the pod says why."
	stop := Step{
		Title: "Stop the copy", Commands: append([]string{p.deleteAll()}, p.checks(side{}, "flush", "end")...),
		Why:   "What has been copied is taken out of the new Redis again, so that a new attempt finds it empty.",
		Fails: "where nothing has been copied yet, `flush` says so: go on.", Meanwhile: "nothing is interrupted.",
	}
	p.plan.Returns = []Return{{Until: "before the step Secrets", Steps: append([]Step{stop}, up...)}}

	late, err := p.switchSteps(s, nil)
	if err != nil {
		return err
	}
	if !s.offline {
		late = append(late, Step{
			Title: "Jobs of the new listeners", Commands: p.checks(s, "carry"),
			Why:       "Listeners on the new values have put jobs into the new queues alone. No consumer has taken any, so each is brought over. What they have written into the lists of integration errors is lost, and so are OAuth tokens, which 3scale up to 2.8 writes." + p.portalNote(),
			Meanwhile: "calls are answered. Background jobs and mails wait.",
			Fails:     "run it again: it brings over only what is missing.",
		})
	}
	end, err := collect(
		func() ([]Step, error) { return []Step{stop}, nil },
		func() ([]Step, error) { return up, nil },
		func() ([]Step, error) { return p.keyStep(s) },
	)
	if err != nil {
		return err
	}
	p.plan.Returns = append(p.plan.Returns, Return{Until: "from the step Secrets on, and before the step Up", Steps: append(append(late, end...), p.doneStep(s)...)})
	return nil
}

// portalNote says what a portal that stayed up leaves behind.
func (p *planner) portalNote() string {
	if !p.data.KeepPortal {
		return ""
	}
	return " **What people have changed in the portals since the listeners moved is missing in the old Redis**: when all is up again, run `bundle exec rake backend:storage:rewrite` in a pod of system-app, which writes applications, keys and limits again. It deletes nothing."
}
