extension ProviderDescriptions {
  /// The descriptions that are embedded in the program, each a file in `Shipped/`. As functions, so
  /// that a start reads none of them.
  static let shipped: [String: @Sendable () -> [UInt8]] = [
    "africastalking": { PackageResources.africastalking_toml },
    "arabiacell": { PackageResources.arabiacell_toml },
    "bandwidth": { PackageResources.bandwidth_toml },
    "burstsms": { PackageResources.burstsms_toml },
    "clickatell": { PackageResources.clickatell_toml },
    "clickmobile": { PackageResources.clickmobile_toml },
    "dartmedia": { PackageResources.dartmedia_toml },
    "dmark": { PackageResources.dmark_toml },
    "globelabs": { PackageResources.globelabs_toml },
    "highconnection": { PackageResources.highconnection_toml },
    "hormuud": { PackageResources.hormuud_toml },
    "i2sms": { PackageResources.i2sms_toml },
    "jasmin": { PackageResources.jasmin_toml },
    "justcall": { PackageResources.justcall_toml },
    "m3tech": { PackageResources.m3tech_toml },
    "macrokiosk": { PackageResources.macrokiosk_toml },
    "mblox": { PackageResources.mblox_toml },
    "messangi": { PackageResources.messangi_toml },
    "mtn": { PackageResources.mtn_toml },
    "novo": { PackageResources.novo_toml },
    "playmobile": { PackageResources.playmobile_toml },
    "smscentral": { PackageResources.smscentral_toml },
    "startmobile": { PackageResources.startmobile_toml },
    "telesom": { PackageResources.telesom_toml },
    "wavy": { PackageResources.wavy_toml },
    "yo": { PackageResources.yo_toml },
    "zenvia": { PackageResources.zenvia_toml },
  ]
}

extension ProviderDescription {
  /// A commented description to start from, and its test.
  package static var startingText: String {
    String(decoding: PackageResources.start_toml, as: UTF8.self)
  }
  package static var startingTestText: String {
    String(decoding: PackageResources.start_test_toml, as: UTF8.self)
  }
}
