import Foundation
import Testing

/// The program's commands and options, as `--experimental-dump-help` tells them.
struct CommandHelp: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable { let kind, name: String }
    let kind: String
    let names: [Name]?
    let abstract: String?
    let shouldDisplay: Bool
    let completionKind: Completion?

    /// Whether a shell has something to offer for the value; what that is, is none of this test's.
    struct Completion: Decodable {
      init(from decoder: any Decoder) throws {}
    }

    var hasCompletion: Bool { completionKind != nil }

    /// As they are typed: `--data`, `-h`.
    var spellings: [String] { (names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name } }
  }

  struct Command: Decodable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let superCommands: [String]?
    let arguments: [Argument]?
    let subcommands: [Command]?

    /// As it is typed: `segfed study check`.
    var typed: String { ((superCommands ?? []) + [commandName]).joined(separator: " ") }

    /// Itself and all below it, but for the parser's own `help`.
    var all: [Command] {
      [self] + (subcommands ?? []).filter { $0.commandName != "help" }.flatMap(\.all)
    }

    /// Lines below `Examples:`, without their indentation.
    var examples: [String] {
      let lines = (discussion ?? "").split(separator: "\n", omittingEmptySubsequences: false)
      guard let first = lines.firstIndex(of: "Examples:") else { return [] }
      return lines[(first + 1)...].prefix { $0.hasPrefix("  ") }.map { String($0.dropFirst(2)) }
    }

    /// The command that an example's first words name; nil where they name none.
    func named(in words: ArraySlice<Substring>) -> Command? {
      guard words.first.map(String.init) == commandName else { return nil }
      let rest = words.dropFirst()
      return subcommands?.lazy.compactMap { $0.named(in: rest) }.first ?? self
    }
  }

  private struct Document: Decodable { let command: Command }

  /// The program's root command.
  static let root = Result {
    let outcome = try SegfedProcess.run("--experimental-dump-help")
    try #require(outcome.code == 0, "\(outcome.errors)")
    return try JSONDecoder().decode(Document.self, from: Data(outcome.output.utf8)).command
  }
}
