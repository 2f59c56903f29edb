package kinds

// firstHalf lists the kinds of RSM, TSP, GVN, PRV, SCN and SDV.
func firstHalf() []Spec {
	return []Spec{
		RiskMethod(), TypeBaseline(), ComponentBaseline(), RiskAssessment(),
		SecurityPolicy(), CryptographicPolicy(), PasswordPolicy(), DataSecurityPolicy(), IdentityPolicy(), DeviceManagementPolicy(),
		SystemGovernance(), LinkResponsibility(), LegalObligations(), IndependentAssessment(), CleansingProcedure(),
		TrackingPolicy(), PKIPrivacyAssessment(), MetadataInventory(), MetadataLeakResponse(), PrivacyAssessment(),
		ConfigurationAudit(),
		SoftwareMaturity(), DisclosurePolicy(), DisclosureCases(), HardwareChecklist(), TamperProtection(), OSCapabilities(),
		RepositorySecrets(), ReleaseSecrets(), ClientSecrets(), KeyHandlingProcedure(), SeparationEvidence(), OSCertification(),
		ComponentAdvisories(), ComponentReviews(), ReleaseScan(), WebServiceResult(),
	}
}
