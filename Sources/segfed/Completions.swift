import Adversary
import ArgumentParser
import Coordinator
import Experiment
import Foundation
import Metrics
import Training

/// What a shell offers for values whose type does not say it.
extension CompletionKind {
  /// A folder with scans, or a manifest.
  static let data = file(extensions: ["csv"])
  static let yaml = file(extensions: ["yaml", "yml"])
  /// A run's folder or a model's file.
  static let model = file(extensions: ["safetensors"])
  static let plan = custom { _, _, typed in PlanWords.offered(for: typed) }
  static let strategy = list(StrategyChoice.descriptors.map(\.name))
  static let attack = list(AttackKind.allCases.map(\.rawValue))
  static let convention = list(MetricConvention.names)
  static let codec = custom { _, _, typed in CodecList.continuations(of: typed) }
}

/// Names of built-in plans, and files and folders, for what is typed so far.
enum PlanWords {
  static func offered(for typed: String) -> [String] {
    let names = BuiltInPlans.all.map(\.name).filter { $0.hasPrefix(typed) }
    let folder = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    let paths = entries.sorted().filter { !$0.hasPrefix(".") }.compactMap { word(folder + $0) }
    return names + paths.filter { $0.hasPrefix(typed) && !names.contains($0) }
  }

  /// A folder's path with a slash behind it, as shells write them; nil for what is neither folder nor YAML.
  private static func word(_ path: String) -> String? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    if isFolder.boolValue { return path + "/" }
    return path.hasSuffix(".yaml") || path.hasSuffix(".yml") ? path : nil
  }
}
