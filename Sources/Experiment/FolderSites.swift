import Coordinator
import FederationProtocol
import FolderTransport
import Foundation
import Foundations
import Harmonization
import Site
import Training

/// The sites of a run as its coordinator sees them where they are processes of their own: folders in an exchange folder.
struct FolderSites: Sendable {
  private let exchange: String
  /// By name.
  let names: [String]
  private let lock: FolderLock?
  private let tell: @Sendable (String) -> Void

  /// Finds the sites, and what the coordinator alone can know of the run: the plan, which must be whole without data, and the
  /// atlas, where the sites have yet to agree on one. Nothing is trained.
  ///
  /// Throws `ExperimentError`, `FolderTransportError`, `PlanError`, `FileError`, and what agreeing does.
  static func find(
    _ request: RunRequest, console: Console
  ) async throws -> (sites: FolderSites, data: ExperimentData) {
    let run = RunFolder(path: request.output)
    if request.resume { try run.checkResumable() } else { try run.checkAvailable(force: request.force) }
    try OutputCheck.writable(request.output + "/config.yaml")
    var (plan, planName) = try PlanResolution(request).planWithoutData()
    let sites = try FolderSites(request, tell: console.warn)
    console.tell("\(request.exchange ?? ""): asks the sites \(sites.names.joined(separator: ", "))")
    let configuration = RunConfiguration(
      request, plan: plan, sites: sites.names, tuning: nil, recomputed: [])
    if request.resume, let earlier = try run.begun() {
      try configuration.checkContinues(earlier, path: run.configuration, ignoringAtlas: true)
    }
    let traffic = TrafficMeter()
    if plan.harmonisation.needsAtlas {
      plan.harmonisation.atlas = try await sites.agree(
        configuration, holdOut: request.holdOut, clearing: !request.resume, traffic: traffic, console: console
      )
      try PlanError.naming(planName) { try plan.validate(file: planName) }
    }
    return (sites, ExperimentData(plan: plan, sites: [], tuning: nil, traffic: traffic, skipped: []))
  }

  private init(_ request: RunRequest, tell: @escaping @Sendable (String) -> Void) throws {
    self.tell = tell
    let exchange = request.exchange ?? ""
    self.exchange = exchange
    let found = (try? FileManager.default.contentsOfDirectory(atPath: exchange)) ?? []
    names =
      (request.siteNames ?? found.filter { !$0.hasPrefix(".") && Folder.exists(exchange + "/" + $0) })
      .sorted()
    guard !names.isEmpty else { throw ExperimentError.noSiteFolders(path: exchange) }
    if let site = request.holdOut {
      guard names.contains(site) else {
        throw ExperimentError.unknownSite(data: exchange, found: site, known: names)
      }
      guard names.count > 1 else {
        throw ExperimentError.tooFewSites(
          data: exchange, found: names.count, needed: 2, purpose: "holding one out")
      }
    }
    for name in names { try SiteFolders(exchange: exchange, site: name).make() }
    let (lock, isTaken) = FolderLock.take(exchange)
    if isTaken { throw FolderTransportError.inUse(path: exchange) }
    self.lock = lock
  }

  /// Tells every site what is to be done, before it is asked anything; `clearing` takes away what it was asked before.
  func announce(_ configuration: RunConfiguration, clearing: Bool) throws {
    for name in names {
      try SiteFolders(exchange: exchange, site: name)
        .announce(RunAnnouncement(site: name, configuration: configuration).data, clearing: clearing)
    }
  }

  /// Tells every site that the run is whole: their processes end.
  func end(_ run: RunIdentity) throws {
    for name in names { try SiteFolders(exchange: exchange, site: name).stop(runID: run.runID) }
  }

  /// One for each site, but for one that is held out.
  func connections(but holdOut: String? = nil) -> [any SiteConnection] {
    names.filter { $0 != holdOut }.map(connection)
  }

  /// Every site, a held-out one with all of its cases.
  func evaluators(holdOut: String?) -> [Evaluator] {
    names.map { Evaluator(connection($0), everyCase: $0 == holdOut) }
  }

  private func connection(_ name: String) -> FolderConnection {
    FolderConnection(site: name, folders: SiteFolders(exchange: exchange, site: name), tell: tell)
  }

  private func agree(
    _ configuration: RunConfiguration, holdOut: String?, clearing: Bool, traffic: TrafficMeter,
    console: Console
  ) async throws -> IntensityAtlas {
    try announce(configuration, clearing: clearing)
    let agreement = AtlasAgreement(
      identity: configuration.identity, contrasts: configuration.plan.contrasts,
      contributors: connections(but: holdOut),
      others: names.filter { $0 == holdOut }.map(connection), meter: traffic)
    let agreed: AgreedAtlas
    do {
      agreed = try await agreement.run()
    } catch is CancellationError {
      throw StoppedByUser(kept: "Nothing was written.")
    }
    console.tell(
      "intensity atlas: agreed between \(connections(but: holdOut).count) sites, scans: "
        + agreed.scales.map { "\($0.contrast) \($0.scans)" }.joined(separator: ", "))
    return IntensityAtlas(
      contrasts: try agreed.scales.map { scale in
        try IntensityAtlas.Contrast(
          name: scale.contrast, scale: IntensityScale(checking: scale.landmarks, contrast: scale.contrast),
          scans: scale.scans)
      })
  }
}
