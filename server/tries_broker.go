package server

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/thingward/thingward/server/posture/probe"
)

// brokerTries send through a limiter with the limits in force, on a clock of its own. A flood is ten seconds' worth.
func (s *Server) brokerTries() map[string]probe.Try {
	return map[string]probe.Try{
		"broker.client-limit": probe.Shown("a client may send its burst, and ten seconds' worth more is held for ten seconds", s.clientLimit),
		"broker.global-limit": probe.Shown("clients that each keep to their limit are held when they are over the common one", s.globalLimit),
		"broker.neighbour":    probe.Shown("while one client is held for flooding, another is not", s.neighbour),
		"broker.rates-shown":  probe.Shown("the broker shows its present rates beside both limits", s.ratesShown),
	}
}

const floodSeconds = 10

func (s *Server) clientLimit(context.Context) (bool, error) {
	t, now, rate := s.broker.Trial(), s.clock.Now(), s.broker.Stats().Limits.Device
	if own, _ := t.Send("a", rate.Burst, 1, now); own != 0 {
		return false, nil
	}
	own, _ := t.Send("a", int(floodSeconds*rate.Messages), 1, now)
	return own > (floodSeconds-1)*time.Second && own < (floodSeconds+1)*time.Second, nil
}

// globalLimit has new clients send their burst at the same time until twice the common limit was sent.
func (s *Server) globalLimit(context.Context) (bool, error) {
	t, now, limits := s.broker.Trial(), s.clock.Now(), s.broker.Stats().Limits
	const clientsMost = 100_000
	sent := 0
	for n := range clientsMost {
		own, all := t.Send(fmt.Sprint(n), limits.Device.Burst, 1, now)
		sent += limits.Device.Burst
		switch {
		case own != 0:
			return false, nil
		case float64(sent) <= limits.Global && all != 0:
			return false, nil
		case float64(sent) > 2*limits.Global:
			return all > 0, nil
		}
	}
	return false, fmt.Errorf("the common limit of %v is more than %d clients can send at once", limits.Global, clientsMost)
}

func (s *Server) neighbour(context.Context) (bool, error) {
	t, now, limits := s.broker.Trial(), s.clock.Now(), s.broker.Stats().Limits
	flood, _ := t.Send("flood", limits.Device.Burst+int(limits.Device.Messages), 1, now)
	own, all := t.Send("neighbour", 1, 1, now)
	return flood > 0 && own == 0 && all == 0, nil
}

// ratesShown reads the figures as the API gives them.
func (s *Server) ratesShown(context.Context) (bool, error) {
	raw, err := json.Marshal(s.broker.Stats())
	if err != nil {
		return false, err
	}
	var shown struct {
		In     *float64 `json:"messagesInPerSecond"`
		Out    *float64 `json:"messagesOutPerSecond"`
		Limits struct {
			Device struct {
				Messages float64 `json:"messages"`
			} `json:"device"`
			Global float64 `json:"global"`
		} `json:"limits"`
	}
	err = json.Unmarshal(raw, &shown)
	return shown.In != nil && shown.Out != nil && shown.Limits.Device.Messages > 0 && shown.Limits.Global > 0, err
}
