// Package controls is the shelf of everything that evaluates a control: one check or gate a file, in a folder for each domain of the
// catalogue. All and Gates are the lists of what is built in.
package controls

import (
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/controls/act"
	"github.com/thingward/thingward/server/posture/controls/cls"
	"github.com/thingward/thingward/server/posture/controls/cmp"
	"github.com/thingward/thingward/server/posture/controls/com"
	"github.com/thingward/thingward/server/posture/controls/crd"
	"github.com/thingward/thingward/server/posture/controls/dat"
	"github.com/thingward/thingward/server/posture/controls/gvn"
	"github.com/thingward/thingward/server/posture/controls/imt"
	"github.com/thingward/thingward/server/posture/controls/lbt"
	"github.com/thingward/thingward/server/posture/controls/msu"
	"github.com/thingward/thingward/server/posture/controls/opa"
	"github.com/thingward/thingward/server/posture/controls/phy"
	"github.com/thingward/thingward/server/posture/controls/rmt"
	"github.com/thingward/thingward/server/posture/controls/rsm"
	"github.com/thingward/thingward/server/posture/controls/scn"
	"github.com/thingward/thingward/server/posture/controls/sdv"
	"github.com/thingward/thingward/server/posture/controls/snt"
	"github.com/thingward/thingward/server/posture/controls/sop"
	"github.com/thingward/thingward/server/posture/controls/tsp"
)

// All lists the checks, in the order of their domains.
func All() []posture.Check {
	return []posture.Check{
		act.CompleteRecord(), act.OffPolicy(), act.SelfUpdate(), act.ManualEntry(), act.ConventionalName(), act.CollisionFree(), act.IdentifierInCertificate(),
		cls.NoSharedAccount(), cls.NoSharedService(), cls.PrivilegedFactor(), cls.ShortTokens(), cls.AlertRoute(),
		cmp.RootOfTrust(), cmp.BootAttested(), cmp.KeysSealed(), cmp.KeyProtection(),
		com.LinkEncryption(), com.RateLimits(), com.PacketLimit(), com.LeastPrivilege(),
		crd.SecureStorage(), crd.KeyRegister(), crd.DeviceGenerated(), crd.Rotation(), crd.KeyAge(), crd.EvidenceKept(), crd.ShortLife(), crd.Expiring(), crd.RenewedEarly(), crd.RemotePasswordAge(),
		dat.DataCatalogue(),
		gvn.Reviewed(), gvn.AuditorEnds(), gvn.DeviceReviewed(),
		msu.DeadEverywhere(), msu.WithinADay(), msu.AlertLatency(), msu.AdministratorTold(),
		opa.ChargeReported(),
		rsm.NoDeviation(), rsm.Baseline(), rsm.RiskDecided(), rsm.MitigationOnTime(),
		scn.DeviceServices(), scn.ServicePasswords(), scn.ServerUnprivileged(), scn.LogVerifies(),
		sdv.LeastPrivilege(), sdv.AuthenticatedPorts(), sdv.Manifest(), sdv.TrustedBoot(), sdv.CryptoHardware(), sdv.OSCapabilities(), sdv.SharedCredential(), sdv.InterfacesSeen(),
		snt.NoJustWorks(), snt.PairingReported(), snt.Heartbeat(), snt.TransmitPower(), snt.NoInbound(), snt.TrustCenterKey(), snt.NetworkKeyAge(), snt.KeyedInclusion(),
		sop.SafetyRisks(), sop.Checkpoints(), sop.ClockForward(),
		tsp.MinimumVersion(), tsp.Silent(), tsp.NoSharedKey(), tsp.PasswordAge(), tsp.RulesEverywhere(), tsp.DuplicatesClosed(), tsp.NoDuplicate(),
	}
}

// Gates lists the gates, in the order of their domains.
func Gates() []posture.Gate {
	return []posture.Gate{
		act.Findable(), act.NameRefused(), act.IdentifierRefused(), act.IdentifierFixed(), act.LifelongHistory(),
		cls.DocumentedListeners(), cls.SixthFailure(), cls.SuccessKeepsCount(), cls.DeviceCountSurvives(), cls.NoAnonymousPage(), cls.OwnIdentity(), cls.AdminActionsLogged(),
		com.PublishRefused(), com.SubscribeRefused(), com.AliasResolved(), com.PlaintextPassword(), com.PasswordOnly(), com.PasswordException(), com.ClientLimit(), com.GlobalLimit(), com.RatesShown(), com.Oversize(), com.CapRequired(), com.HostHardening(), com.PlaintextTCP(), com.Uncertified(), com.CoAPOverDTLS(), com.PlainCoAP(),
		crd.CentralGeneration(), crd.DuplicateKey(), crd.ForwardSecrecy(), crd.KeyRole(), crd.PlainRegistration(), crd.BootstrapPaths(), crd.StrangerQuarantined(), crd.EvidenceRequired(), crd.LongLifeRefused(), crd.ManufacturerElsewhere(), crd.RenewalSpread(), crd.RevocationRole(),
		dat.UndeclaredStream(), dat.UnauthenticatedData(), dat.UndeclaredSource(),
		gvn.GeneratedList(), gvn.AutomaticDisabling(),
		imt.MembersOnly(), imt.TamperLocated(), imt.VerifiedFirst(),
		lbt.SafetyLimit(),
		msu.FailuresLogged(), msu.FifthFailure(), msu.SuccessResets(), msu.CountSurvives(), msu.ScriptedMisuse(), msu.CompleteEvents(), msu.OfflineOrder(),
		opa.Throttled(), opa.Neighbours(), opa.ShortRetention(), opa.DayAway(),
		phy.AccessAlert(),
		rmt.AccessEnds(),
		scn.CertificateDefault(), scn.ReadLimited(), scn.WriteElevated(), scn.RootOperations(), scn.RolesPresent(), scn.RefusalNamed(), scn.NoUnprotectedRoute(), scn.OperationsMapped(), scn.UnelevatedRefused(), scn.AuditorOnly(), scn.AppendOnly(), scn.DiscoveryMutual(), scn.DiscoverySilent(),
		sdv.UnknownType(), sdv.UntouchedJoin(), sdv.FIPSMode(),
		snt.NoPlaintextListener(), snt.OneActionRevoke(),
		sop.OneCommand(),
		tsp.OwnException(), tsp.ClausesMeasured(), tsp.DuplicateAlert(), tsp.QuarantineByPolicy(), tsp.NoTakeOverLoop(), tsp.WeakRefused(), tsp.OneSource(), tsp.ListenerScan(), tsp.StrongPasswords(), tsp.LockOut(), tsp.LockOutSurvives(), tsp.AllowedKind(), tsp.SingleHolder(),
	}
}
