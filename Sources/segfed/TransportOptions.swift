import ArgumentParser
import Experiment

/// Where the sites of a run are.
struct TransportOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "folder:DIR asks sites that are processes of their own (segfed site) through files in DIR, where each has a folder with inbox and "
        + "outbox; instead of --data. (default: all in this process)", valueName: "folder:DIR"),
    completion: .list(["folder:"]))
  var transport: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The sites to ask, such as birch,hazel, with --transport. (default: all that have a folder there)",
      valueName: "names"))
  var siteNames: String?

  /// The folder of the sites' folders; nil: sites are in this process.
  var exchange: String? { transport.map { String($0.dropFirst(Self.prefix.count)) } }

  private static let prefix = "folder:"

  private var names: [String]? {
    siteNames.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  func validate() throws {
    if let transport, !transport.hasPrefix(Self.prefix) || transport == Self.prefix {
      throw ValidationError("--transport: found \(transport), expected folder:DIR.")
    }
    guard let names else { return }
    if transport == nil {
      throw ValidationError("--site-names goes with --transport: sites in this process are named by --data.")
    }
    let areNames = names.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("/") }
    if !areNames || Set(names).count != names.count {
      throw ValidationError(
        "--site-names: found \(siteNames ?? ""), expected different names of folders, such as birch,hazel.")
    }
  }

  func apply(to request: inout RunRequest) {
    request.exchange = exchange
    request.siteNames = names
  }
}
