import Foundation
import Foundations

/// A `dataset.json`, of nnU-Net (both versions) or of the Medical Segmentation Decathlon.
struct DatasetDescription {
  /// A case as Decathlon lists it; paths relative to the data set's folder.
  struct Listed {
    let image: String
    let label: String?
  }

  let path: String
  /// Contrast names in the order of their channel numbers.
  let contrasts: [String]
  /// Plain labels by value, without background.
  let labels: [LabelName]
  /// nnU-Net's regions, those of one label too, by name; empty where every label stands for itself.
  let regions: [LabelGroup]
  /// nnU-Net's, such as `.nii.gz`.
  let fileEnding: String?
  /// Decathlon's.
  let training: [Listed]?

  var isDecathlon: Bool { fileEnding == nil && training != nil }

  /// Throws `FileError` or `LayoutError`.
  init(_ path: String) throws {
    self.path = path
    let text = try FolderListing.text(of: path)
    guard let root = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
      throw LayoutError.json(path: path, field: "the file", expected: "one JSON object")
    }
    guard let channels = (root["channel_names"] ?? root["modality"]) as? [String: Any] else {
      throw LayoutError.json(
        path: path, field: "channel_names (or modality)", expected: #"an object such as {"0": "T1"}"#)
    }
    contrasts = try (0..<channels.count).map { number in
      guard let name = channels[String(number)] as? String else {
        throw LayoutError.json(
          path: path, field: "channel_names (or modality)", expected: "a name for every number from 0 on")
      }
      return name
    }
    labels = try Self.labels(root["labels"], path: path)
    regions = try Self.regions(root["labels"], labels: labels, path: path)
    fileEnding = root["file_ending"] as? String
    training = try (root["training"] as? [Any]).map { entries in
      try entries.map { entry in
        if let pair = entry as? [String: Any], let image = pair["image"] as? String {
          return Listed(image: image, label: pair["label"] as? String)
        }
        guard let image = entry as? String else {
          throw LayoutError.json(
            path: path, field: "training",
            expected: #"entries such as {"image": "./imagesTr/a.nii.gz", "label": …}"#)
        }
        return Listed(image: image, label: nil)
      }
    }
  }

  /// `{"edema": 2}` (nnU-Net) or `{"2": "edema"}` (Decathlon, nnU-Net 1).
  private static func labels(_ entry: Any?, path: String) throws -> [LabelName] {
    guard let object = entry as? [String: Any] else {
      throw LayoutError.json(
        path: path, field: "labels", expected: #"an object such as {"background": 0, "tumour": 1}"#)
    }
    var found: [LabelName] = []
    for (key, value) in object {
      if let name = value as? String, let number = UInt16(key) {
        found.append(LabelName(value: number, name: name))
      } else if let number = value as? Int, let label = UInt16(exactly: number) {
        found.append(LabelName(value: label, name: key))
      } else if !(value is [Any]) {
        throw LayoutError.json(
          path: path, field: "labels.\(key)", expected: "a number from 0 to 65535, or a list")
      }
    }
    return found.filter { $0.value != 0 }.sorted { ($0.value, $0.name) < ($1.value, $1.name) }
  }

  /// `{"whole tumour": [1, 2, 3]}`.
  private static func regions(_ entry: Any?, labels: [LabelName], path: String) throws -> [LabelGroup] {
    let lists = ((entry as? [String: Any]) ?? [:]).compactMapValues { $0 as? [Any] }
    if lists.isEmpty { return [] }
    let groups = try lists.map { name, list in
      let values = list.compactMap { $0 as? Int }.compactMap { UInt16(exactly: $0) }
      guard values.count == list.count, !values.isEmpty else {
        throw LayoutError.json(
          path: path, field: "labels.\(name)", expected: "a list of numbers from 0 to 65535")
      }
      return LabelGroup(name: name, values: values)
    }
    return (groups + labels.map { LabelGroup(name: $0.name, values: [$0.value]) }).sorted { one, other in
      (-one.values.count, one.name) < (-other.values.count, other.name)
    }
  }
}
