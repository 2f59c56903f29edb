package com

import (
	"testing"

	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestRatesShown(t *testing.T) { posturetest.Gate(t, RatesShown()) }
