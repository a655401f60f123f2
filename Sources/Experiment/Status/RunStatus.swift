import Coordinator
import Foundation
import Foundations
import Interchange

/// How far a run is, as its folder tells, whoever works in it. Nothing is written there.
package struct RunStatus: Sendable, Equatable {
  enum State: String, Sendable {
    case goesOn = "going on"
    case finished
    /// By the user: it said what it kept.
    case stopped
    /// No process works in it, and none said that it ends.
    case killed
    /// One of several runs whose turn is still to come.
    case waits = "waiting"
  }

  struct Site: Sendable, Equatable {
    let name: String
    /// The last that the site was in.
    var round: Int
    var loss: Double
    /// Mean over the regions, of the last model that it scored.
    var dice: Double?
    /// Of the messages of all rounds.
    var bytesDown = 0
    var bytesUp = 0
  }

  var state: State
  let mode: String
  let strategy: String
  let seed: UInt64
  /// Whole rounds, and how many there are to be; of sites that train alone those of all together.
  private(set) var done = 0
  let rounds: Int
  /// The round behind which validation had got no better for long enough.
  private(set) var stoppedEarlyAfter: Int?
  /// In order of the names; those that were in no round yet are missing.
  private(set) var sites: [Site] = []
  /// Validation, mean over the sites: of the last round, and of the best.
  private(set) var dice: Double?
  private(set) var best: (round: Int, dice: Double)?
  /// Whether messages cross between hospitals: only then bytes are told.
  let travels: Bool
  private(set) var secondsPerRound: Double?
  /// Whether that is what sites trained, one after the other, and not all of a round.
  private(set) var isTrainingAlone = false
  package private(set) var secondsLeft: Double?

  package static func == (left: RunStatus, right: RunStatus) -> Bool {
    left.state == right.state && left.done == right.done && left.rounds == right.rounds
      && left.sites == right.sites && left.dice == right.dice && left.seed == right.seed
      && left.mode == right.mode && left.strategy == right.strategy
  }

  var bytesDown: Int { sites.reduce(0) { $0 + $1.bytesDown } }
  var bytesUp: Int { sites.reduce(0) { $0 + $1.bytesUp } }
  /// Mean over the sites.
  var loss: Double? {
    sites.isEmpty ? nil : sites.reduce(0) { $0 + $1.loss } / Double(sites.count)
  }

  /// Reads `config.yaml` and the journals; a last line that is torn is passed over.
  ///
  /// Throws `FileError.unreadable`, and `ExperimentError.configurationSchema` or `StatusError.newer` for a newer release's.
  package init(_ folder: RunFolder, now: Date = Date()) throws {
    let configuration = try RunConfiguration.read(folder.configuration)
    mode = configuration.mode.rawValue
    strategy = (configuration.strategy ?? .fedAvg).description
    seed = configuration.seed
    travels = configuration.mode == .federated
    let isLocal = configuration.mode == .local
    let trainers = configuration.sites.filter { $0 != configuration.holdOut }
    rounds = configuration.rounds * (isLocal ? trainers.count : 1)
    // In this order: a run that ends in between is whole, and not killed.
    let isHeld = FolderLock.isHeld(folder.path)
    let isWhole = FileManager.default.fileExists(atPath: folder.metrics)
    let journals = try (isLocal ? trainers.map(folder.site) : [folder.coordinator])
      .map { $0 + "/rounds.jsonl" }.filter { FileManager.default.fileExists(atPath: $0) }
      .map { try Self.journal($0) }
    let wasStopped = journals.contains { $0.end?.interruptedAfterRound != nil }
    state = isWhole ? .finished : isHeld ? .goesOn : wasStopped ? .stopped : .killed
    for journal in journals { take(journal.rounds) }
    stoppedEarlyAfter = journals.compactMap { $0.end?.earlyStopping?.stoppedAfterRound }.first
    if !isLocal { best = Self.best(journals.flatMap(\.rounds)) }
    dice = isLocal ? nil : journals.first?.rounds.last?.validation.meanOfSiteMeans
    time(journals.last?.rounds ?? [], folder, now: now)
  }

  /// One of several runs that was not begun yet.
  init(waiting configuration: RunConfiguration) {
    (state, mode) = (.waits, configuration.mode.rawValue)
    strategy = (configuration.strategy ?? .fedAvg).description
    (seed, rounds) = (configuration.seed, configuration.rounds)
    travels = configuration.mode == .federated
  }

  private static func journal(_ path: String) throws -> (rounds: [RoundRecord], end: JournalEnd?) {
    let header = try RunJournal.header(at: path)
    guard header.schemaVersion <= RunJournal.schemaVersion else {
      throw StatusError.newer(path: path, found: header.schemaVersion, expected: RunJournal.schemaVersion)
    }
    return (try RunJournal.rounds(at: path), try RunJournal.end(at: path))
  }

  private static func best(_ records: [RoundRecord]) -> (round: Int, dice: Double)? {
    records.reduce(nil) { best, record in
      guard let dice = record.validation.meanOfSiteMeans, best.map({ dice > $0.dice }) ?? true else {
        return best
      }
      return (record.round, dice)
    }
  }

  private mutating func take(_ records: [RoundRecord]) {
    done += records.count
    for record in records {
      for site in record.sites {
        var found = sites.first { $0.name == site.site } ?? Site(name: site.site, round: 0, loss: 0)
        (found.round, found.loss) = (record.round, site.meanLoss)
        found.bytesDown += site.bytesDown
        found.bytesUp += site.bytesUp
        sites.removeAll { $0.name == site.site }
        sites.append(found)
      }
      for scores in record.sites.compactMap(\.validation) + record.scoresElsewhere {
        guard let index = sites.firstIndex(where: { $0.name == scores.site }) else { continue }
        sites[index].dice = scores.meanOverRegions ?? sites[index].dice
      }
    }
    sites.sort { $0.name < $1.name }
  }

  // MARK: - Time

  /// A journal has no time of day. Checkpoints have: the newest two lie a round apart. Where there are none left, a round takes what
  /// its sites trained, one after the other.
  private mutating func time(_ records: [RoundRecord], _ folder: RunFolder, now: Date) {
    guard let last = records.last else { return }
    let trained = records.map { $0.sites.reduce(0) { $0 + $1.seconds } }
    let mean = trained.reduce(0, +) / Double(trained.count)
    let path = mode == "local" ? folder.site(last.sites.first?.site ?? "") : folder.coordinator
    let (apart, newest) = Self.lastRound(path, begin: Self.time(folder.configuration))
    // A run that lay still for a while has no long round.
    let measured = apart.flatMap { $0 <= 10 * mean + 60 ? $0 : nil }
    (secondsPerRound, isTrainingAlone) = (measured ?? mean, measured == nil)
    guard state == .goesOn, let each = secondsPerRound else { return }
    let since = newest.map { max(0, now.timeIntervalSince($0)) } ?? 0
    secondsLeft = max(0, Double(rounds - done) * each - min(since, each))
  }

  /// When a file was last written.
  private static func time(_ path: String) -> Date? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
  }

  /// Seconds between the newest two checkpoints for each round between them, and when the newest was written.
  private static func lastRound(_ folder: String, begin: Date?) -> (seconds: Double?, newest: Date?) {
    let store = CheckpointStore(folder: folder + "/checkpoints", owner: "coordinator", runID: "")
    func time(_ position: CheckpointPosition) -> Date? { Self.time(store.path(position)) }
    let positions = store.positions()
    guard let last = positions.first, let newest = time(last) else { return (nil, nil) }
    // The first round begins when the settings were written.
    let begun = last.round == 1 ? begin : nil
    guard let before = positions.count > 1 ? time(positions[1]) : begun else { return (nil, newest) }
    let rounds = last.round - (positions.count > 1 ? positions[1].round : 0)
    return (rounds > 0 ? max(0, newest.timeIntervalSince(before)) / Double(rounds) : nil, newest)
  }
}

/// Why a folder has no status.
package enum StatusError: DescribedError {
  case notARun(path: String)
  case newer(path: String, found: Int, expected: Int)

  package var description: String {
    switch self {
    case .notARun(let path):
      "\(path): found no run, expected a folder of segfed train, loso, kfold or sweep (config.yaml, sweep.yaml or seed-<n>). Check the path."
    case .newer(let path, let found, let expected):
      "\(path): schema_version is \(found), expected \(expected) or less. Use the release of segfed that wrote it."
    }
  }
}
