import Statistics

/// How sure a site's mean is.
enum CaseInterval {
  /// 95 % interval of the mean over the cases of one site (bootstrap, BCa); nil of fewer than three.
  static func of(_ cases: [Double]) -> ClusterBootstrap.Interval? {
    cases.count < 3 ? nil : ClusterBootstrap(resamples: 1000).interval(cases.map { [$0] })
  }
}
