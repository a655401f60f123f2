import Foundation
import Testing

/// House rules that a reader cannot hold by eye.
struct SourceRulesTests {
  @Test func filesAreShort() throws {
    for module in try PackageLayout.moduleFolders() {
      for file in try PackageLayout.swiftFiles(of: module) where !file.name.hasSuffix(".pb.swift") {
        let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).count
        #expect(lines <= 400, "Sources/\(module)/\(file.name) has \(lines) lines: split it")
      }
    }
  }

  /// A fault in a file, a message or a setting is thrown; a caller's bug is a `precondition`.
  @Test func nothingEndsTheProcess() throws {
    for module in try PackageLayout.moduleFolders() {
      for file in try PackageLayout.swiftFiles(of: module) where !file.name.hasSuffix(".pb.swift") {
        for word in ["fatalError(", "try!", "as!"] {
          #expect(!code(file.text).contains(word), "Sources/\(module)/\(file.name): \(word)")
        }
      }
    }
  }

  /// Modules that deal in values only: an unsafe pointer there is the sign of code in the wrong place.
  @Test(arguments: [
    "FederationProtocol", "FolderTransport", "Coordinator", "Site", "Adversary", "Reporting", "Experiment",
    "segfed",
  ])
  func noRawPointers(module: String) throws {
    for file in try PackageLayout.swiftFiles(of: module) where !file.name.hasSuffix(".pb.swift") {
      for word in ["UnsafePointer", "UnsafeMutablePointer", "UnsafeRawPointer", "UnsafeMutableRawPointer"] {
        #expect(!code(file.text).contains(word), "Sources/\(module)/\(file.name): \(word)")
      }
    }
  }

  private func code(_ text: String) -> String {
    text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
  }
}
