import Foundation
import TestSupport
import Testing

/// What users read is true: commands run, links lead somewhere, options exist, quoted code is the code.
@Suite struct DocumentationTests {
  /// Every command of every page, by `.ci/run-page`, which says how much of it a short test runs.
  @Test(arguments: DocumentationPage.all)
  func commandsRun(page: DocumentationPage) throws {
    guard page.blocks.contains(where: { $0.language == "console" }) else { return }
    _ = try InstalledProgram.run(
      "env",
      [
        // As written they run page by page in `make test-long`.
        "SEGFED=\(try SegfedProcess.program().path)", "SEGFED_LONG_TESTS=",
        Repository.path(".ci/run-page"), page.path,
      ])
  }

  @Test func pagesAreThere() {
    #expect(DocumentationPage.all.count > 20)
    let index = Set(DocumentationPage(name: "Documentation/README.md").links.map(\.target))
    for page in DocumentationPage.all where page.name.hasPrefix("Documentation/") {
      let name = String(page.name.dropFirst("Documentation/".count))
      #expect(index.contains(name) || name == "README.md", "the index does not name \(name)")
      #expect(page.lines.first?.hasPrefix("# ") == true, "\(name)")
    }
  }

  @Test(arguments: DocumentationPage.all)
  func linksLeadSomewhere(page: DocumentationPage) {
    for (line, target) in page.links {
      let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      let folder = (page.name as NSString).deletingLastPathComponent
      let name = parts[0].isEmpty ? page.name : ((folder + "/" + parts[0]) as NSString).standardizingPath
      let path = Repository.root.appendingPathComponent(name).standardizedFileURL.path
      #expect(FileManager.default.fileExists(atPath: path), "\(page.name):\(line): \(target)")
      guard parts.count > 1, name.hasSuffix(".md") else { continue }
      let anchors = DocumentationPage(name: name.hasPrefix("/") ? String(name.dropFirst()) : name).anchors
      #expect(anchors.contains(parts[1]), "\(page.name):\(line): \(target)")
    }
  }

  /// Options in the text and in commands are options of a command; those behind the name of one are its own.
  @Test(arguments: DocumentationPage.all)
  func optionsExist(page: DocumentationPage) throws {
    let root = try CommandHelp.root.get()
    let known = Set(root.all.flatMap { $0.arguments ?? [] }.flatMap(\.spellings))
    // The first column of "their word, ours" is theirs.
    let isTheirs = page.name.hasPrefix("Documentation/from-")
    let unknown = page.prose.flatMap { line, text in
      (isTheirs && text.hasPrefix("|") ? text.dropFirst().drop { $0 != "|" } : text[...])
        .matches(of: /`([^`]+)`/).flatMap { code in Self.strangers(in: code.1, root, known) }.map {
          "\(line): \($0)"
        }
    }
    #expect(unknown == [], "\(page.name)")
  }

  /// Options in a piece of code that the command which it names, or any where it names none, does not have. Other programs have their own.
  private static func strangers(
    in code: Substring, _ root: CommandHelp.Command, _ known: Set<String>
  ) -> [String] {
    let words = code.split { " =(),".contains($0) }
    guard let first = words.first, first == "segfed" || first.hasPrefix("--") else { return [] }
    let own = first == "segfed" ? root.named(in: words[...]) : nil
    let options = own.map { Set(($0.arguments ?? []).flatMap(\.spellings)) } ?? known
    return words.filter { $0.hasPrefix("--") && !options.contains(String($0)) }.map(String.init)
  }

  @Test(arguments: DocumentationPage.all)
  func quotedCodeIsTheCode(page: DocumentationPage) throws {
    for block in page.blocks where block.language == "swift" {
      let place = "\(page.name):\(block.line)"
      let source = try #require(block.comment?.wholeMatch(of: /from: (\S+)/).map { String($0.1) }, "\(place)")
      let text = try String(
        contentsOf: Repository.root.appendingPathComponent(source), encoding: .utf8)
      #expect(text.contains(block.lines.joined(separator: "\n") + "\n"), "\(place) is not in \(source)")
    }
  }

  /// What, two commands, a table, a picture, and how the code is laid out; everything else has its page.
  @Test func theReadmeIsAPage() {
    let readme = DocumentationPage(name: "README.md")
    let architecture = readme.lines.firstIndex(of: "## Architecture") ?? 0
    #expect((20...100).contains(architecture), "\(architecture) lines before the architecture")
    #expect(readme.lines.count <= 220)
    #expect(readme.lines[..<architecture].contains { $0.hasPrefix("![") })
  }
}
