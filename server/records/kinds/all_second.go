package kinds

// secondHalf lists the kinds of the domains from SNT on.
func secondHalf() []Spec {
	return []Spec{
		BluetoothChecklist(), HostHardening(), MobileHardening(), CloudBenchmark(), HardeningGuidance(), MobileSecurityPlan(), MobileClient(), NFCPlacement(), WirelessBoundary(), SiteSurvey(), ZigBeeKeyDelivery(), ZigBeeKeyRotation(),
		MaintenancePlan(), InspectionRound(), SpareStock(), RegionDrill(), ProviderAgreement(), ProviderPerformance(), TwinDrill(), GatewayDrill(), JammingPlaybook(),
		RootOfTrust(), LegacyEvaluation(), GatewayModule(), ProductCertificate(),
		LiabilityAssessment(), ContinuityPlan(),
		TypeThreatModel(), SystemThreatModel(), ReleaseResults(), AttackerProfiles(), ThreatFeeds(),
		TypeLogging(), LogSource(), IncidentPlan(), SiteAccess(), MisusePolicy(), SafetyAssessment(), FaultTree(),
		ProviderPrivacy(), CloudGuidance(), AdminActivityReview(), ComputerStandard(), ComputerClaim(), BrokerBaseline(),
		LineageDrill(), DataSource(), DataStore(), SupplierAgreement(), SupplierPerformance(), ThirdPartyPolicy(), ThirdPartyAccess(),
		CertificatePolicy(), KeyPolicy(), RevocationProcess(), MediaSanitisation(), DisposalProcedure(),
		ChangeBoard(), ChangeProcess(), StagingCoverage(), UpdateDrill(), AdministratorCourse(), UserCourse(), AdministratorTraining(), UserTraining(), RegisterReview(),
	}
}
