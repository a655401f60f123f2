import Foundation
import Testing

/// The arrows between modules: what each may import. README, "Architecture", draws the same.
private let arrows: [String: Set<String>] = [
  "Foundations": ["CClosure", "Crypto"],
  "Kernels": [],
  "KernelSources": ["Kernels", "CProcessor"],
  "KernelsPortable": ["Kernels", "CProcessor"],
  "KernelsAVX2": ["Kernels", "CProcessor"],
  "KernelsAVX512": ["Kernels", "CProcessor"],
  "Tensor": [
    "Foundations", "Kernels", "KernelsPortable", "KernelsAVX2", "KernelsAVX512", "CProcessor", "COpenBLAS",
  ],
  "NeuralNetwork": ["Foundations", "Kernels", "Tensor"],
  "Imaging": ["Foundations", "CNIfTI", "CPNG"],
  "Harmonization": ["Foundations", "Imaging"],
  "Metrics": ["Foundations", "Imaging"],
  "Simulation": ["Foundations", "Imaging", "Yams"],
  "Interchange": ["Foundations", "SwiftProtobuf"],
  "Training": [
    "Foundations", "Imaging", "Harmonization", "Metrics", "Kernels", "Tensor", "NeuralNetwork", "Interchange",
    "Yams",
  ],
  "Fingerprint": ["Foundations"],
  "Planning": ["Foundations", "Fingerprint", "Tensor", "NeuralNetwork", "Training"],
  "Export": ["Foundations", "Harmonization", "NeuralNetwork", "Interchange", "Training", "Reporting"],
  "Explanation": [
    "Foundations", "Imaging", "Harmonization", "Metrics", "Tensor", "NeuralNetwork", "Training", "Reporting",
  ],
  "FederationProtocol": ["Foundations", "SwiftProtobuf"],
  "FolderTransport": ["Foundations", "FederationProtocol"],
  "Site": [
    "Foundations", "Imaging", "Harmonization", "Metrics", "Interchange", "Training", "Fingerprint",
    "FederationProtocol",
  ],
  "Coordinator": ["Foundations", "Interchange", "Fingerprint", "FederationProtocol"],
  "Adversary": [
    "Foundations", "Statistics", "Harmonization", "Interchange", "Training", "FederationProtocol", "Site",
  ],
  "Statistics": ["Foundations"],
  "Terminal": ["Foundations"],
  "Study": [
    "Foundations", "Imaging", "Harmonization", "Metrics", "Training", "FederationProtocol", "Coordinator",
    "GRDB",
    "Yams",
  ],
  "Reporting": ["Foundations"],
  "Plots": ["Foundations"],
  "Pages": ["Foundations", "Plots", "Mustache"],
  "Pictures": ["Foundations", "Imaging"],
  "Inspection": ["Foundations", "Imaging", "Harmonization", "Pictures", "Reporting"],
  "Benchmarking": [
    "Foundations", "Imaging", "Harmonization", "Kernels", "Tensor", "NeuralNetwork", "Training", "Reporting",
  ],
  "Diagnosis": ["Foundations", "Imaging", "Tensor", "Training", "Benchmarking", "Reporting", "GRDB"],
  "Experiment": [
    "Foundations", "Imaging", "Harmonization", "Metrics", "Tensor", "Interchange", "Training", "Export",
    "Explanation", "Pictures", "Fingerprint", "Planning", "FederationProtocol", "FolderTransport", "Site",
    "Coordinator", "Adversary", "Study", "Statistics", "Reporting", "Terminal", "Yams",
  ],
  "RunReports": [
    "Foundations", "Statistics", "Imaging", "Harmonization", "Metrics", "Pictures", "Training",
    "FederationProtocol",
    "Coordinator", "Site", "Reporting", "Plots", "Pages", "Inspection", "Experiment",
  ],
  "Serving": ["Foundations", "FlyingFox", "FlyingSocks"],
  "segfed": [
    "Foundations", "Imaging", "Harmonization", "Metrics", "Training", "Tensor", "Benchmarking", "Diagnosis",
    "Simulation", "Statistics", "Coordinator", "Adversary", "Study", "Experiment", "Inspection", "Planning",
    "Reporting", "Pictures", "Terminal", "Plots", "RunReports", "Serving",
    "ArgumentParser",
  ],
]

/// Folders in Sources that hold C or a module map, and no Swift.
private let cTargets: Set<String> = ["CClosure", "CNIfTI", "COpenBLAS", "CPNG", "CProcessor"]

/// What comes with the toolchain.
private let system: Set<String> = [
  "Foundation", "FoundationEssentials", "Synchronization", "Dispatch", "Glibc", "Musl", "Darwin",
]

/// Absences that must survive every change of the table above.
private let walls: [(from: String, to: [String])] = [
  (
    "Coordinator",
    [
      "Imaging", "Harmonization", "Metrics", "Training", "Planning", "Site", "Tensor", "NeuralNetwork",
      "Adversary",
    ]
  ),
  ("Site", ["Coordinator", "Adversary"]),
  ("FederationProtocol", ["Imaging", "Training", "Interchange", "Coordinator", "Site"]),
  ("Adversary", ["Coordinator"]),
  ("FolderTransport", ["Imaging", "Training", "Coordinator", "Site"]),
  ("Imaging", ["Tensor", "NeuralNetwork"]),
  ("Simulation", ["NeuralNetwork", "Tensor", "Kernels", "COpenBLAS", "Training"]),
  ("Reporting", ["Metrics", "Imaging", "Coordinator", "Site", "Training"]),
  ("Training", ["FederationProtocol", "Site", "Coordinator"]),
  ("Planning", ["FederationProtocol", "Site", "Coordinator"]),
]

struct ImportArrowsTests {
  @Test func everyFolderIsInTheTable() throws {
    #expect(try Set(PackageLayout.moduleFolders()) == Set(arrows.keys).union(cTargets))
    for target in cTargets { #expect(try PackageLayout.swiftFiles(of: target).isEmpty) }
  }

  @Test(arguments: arrows.keys.sorted())
  func importsFollowTheArrows(module: String) throws {
    let files = try PackageLayout.swiftFiles(of: module)
    #expect(!files.isEmpty)
    for file in files {
      let strangers = PackageLayout.imports(in: file.text).subtracting(system)
        .subtracting(arrows[module] ?? [])
      #expect(strangers.isEmpty, "Sources/\(module)/\(file.name) imports \(strangers.sorted())")
    }
  }

  @Test func wallsStand() {
    for wall in walls {
      for target in wall.to {
        #expect(!reachable(from: wall.from).contains(target), "\(wall.from) reaches \(target)")
      }
    }
  }

  /// Built without its trait Serving, nothing of segfed knows of sockets: one file asks for the module, and only with the trait.
  @Test func servingCanBeLeftOut() throws {
    let asking = try PackageLayout.swiftFiles(of: "segfed").filter {
      PackageLayout.imports(in: $0.text).contains("Serving")
    }
    #expect(asking.map(\.name) == ["ServeCommand.swift"])
    #expect(asking.allSatisfy { $0.text.hasPrefix("#if Serving\n") && $0.text.hasSuffix("\n#endif\n") })
    #expect(arrows.filter { $0.value.contains("Serving") }.keys.sorted() == ["segfed"])
    #expect(arrows.filter { $0.value.contains("FlyingFox") }.keys.sorted() == ["Serving"])
  }

  @Test func arrowsMakeNoCircle() {
    for module in arrows.keys.sorted() {
      #expect(!reachable(from: module).contains(module), "\(module) imports itself in the end")
    }
  }

  /// What SwiftPM builds with is the table, no more and no less.
  @Test func manifestDeclaresTheArrows() throws {
    let manifest = try String(
      contentsOf: PackageLayout.root.appendingPathComponent("Package.swift"), encoding: .utf8)
    // Up to the tests: there, a module's name begins a test target.
    let text = String(try #require(manifest.components(separatedBy: "// MARK: - Tests").first))
    for module in arrows.keys.sorted() where module != "KernelSources" {
      #expect(try declaredDependencies(of: module, in: text) == arrows[module], "\(module)")
    }
  }

  @Test(arguments: [
    ("import Foundation", ["Foundation"]), ("@testable import Site\nimport B", ["B", "Site"]),
    ("package import struct Imaging.Volume", ["Imaging"]), ("  @_exported public import A", ["A"]),
    ("// import C\nlet x = 1 // import D", []), ("import class A.B; import C", ["A", "C"]),
  ])
  func parserFindsImports(text: String, expected: [String]) {
    #expect(PackageLayout.imports(in: text).sorted() == expected)
  }

  private func reachable(from module: String) -> Set<String> {
    var seen: Set<String> = []
    var open = Array(arrows[module] ?? [])
    while let next = open.popLast() {
      if seen.insert(next).inserted { open += arrows[next] ?? [] }
    }
    return seen
  }

  private func declaredDependencies(of module: String, in manifest: String) throws -> Set<String> {
    let isTarget = "(?:module|kernels)\\(\\s*\"\(module)\",|name: \"\(module)\",\\s*dependencies:"
    let start = try #require(manifest.range(of: isTarget, options: .regularExpression))
    let list = try #require(bracketed(manifest[start.upperBound...]))
    let products = list.matches(of: /\.product\(name: "(\w+)", package: "[\w.-]+"(?:\)|, condition)/)
    let plain = list.replacing(/\.product\([^)]*\)/, with: "").matches(of: /"(\w+)"/)
    return Set(products.map { String($0.1) } + plain.map { String($0.1) })
  }

  /// From the first `[` to its `]`.
  private func bracketed(_ text: Substring) -> String? {
    guard let start = text.firstIndex(of: "[") else { return nil }
    var depth = 0
    for index in text[start...].indices {
      if text[index] == "[" { depth += 1 }
      if text[index] == "]" { depth -= 1 }
      if depth == 0 { return String(text[start...index]) }
    }
    return nil
  }
}
