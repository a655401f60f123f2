import Foundation
import Testing

/// What `--help` shows, for every command there is.
@Suite struct HelpTests {
  private let root: CommandHelp.Command

  init() throws { root = try CommandHelp.root.get() }

  /// A screen of 46 rows and 80 columns, the prompt below included, and a row for each command.
  @Test func theOverviewFitsAScreen() throws {
    let outcome = try SegfedProcess.run("--help")
    #expect(outcome.code == 0)
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines.count <= 46, "\(lines.count) rows")
    for line in lines { #expect(line.count <= 80, "\(line)") }
    for command in root.subcommands ?? [] where command.commandName != "help" {
      let row = lines.first { $0.hasPrefix("  \(command.commandName) ") }
      #expect(row?.hasSuffix(try #require(command.abstract)) == true, "\(command.commandName)")
    }
  }

  @Test func everyCommandHasExamples() throws {
    #expect(root.all.count > 25)
    for command in root.all {
      let own = command.examples.filter { $0 == command.typed || $0.hasPrefix(command.typed + " ") }
      #expect(own.count >= 2, "\(command.typed): \(command.examples)")
      // None is broken at 80 columns.
      for example in command.examples { #expect(example.count <= 78, "\(example)") }
    }
  }

  @Test func examplesNameOptionsThatExist() throws {
    for command in root.all {
      for example in command.examples {
        let words = example.split(separator: " ")
        let named = try #require(root.named(in: words[...]), "\(example)")
        #expect(named.subcommands == nil || named.typed == example, "\(example): no command of that name")
        let known = Set((named.arguments ?? []).flatMap(\.spellings))
        for word in words where word.hasPrefix("-") {
          let option = String(word.prefix { $0 != "=" })
          #expect(known.contains(option), "\(example): \(option)")
        }
      }
    }
  }

  /// Manual pages are made of these texts, and their maker leaves out every other character.
  @Test func textsAreASCII() {
    for command in root.all {
      for text in [command.abstract, command.discussion] + (command.arguments ?? []).map(\.abstract) {
        let strange = (text ?? "").filter { !$0.isASCII }
        #expect(strange.isEmpty, "\(command.typed): \(text ?? "")")
      }
    }
  }
}
