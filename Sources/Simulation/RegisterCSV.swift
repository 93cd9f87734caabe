/// The district's register as the files for `millwright register import`.
extension SimulatedDistrict {
  /// `factories.csv`: all registered factories.
  public func factoriesCSV() -> String {
    var text = "factory_id,name_zh,name_en,industry,district,retrofit_completed_on\n"
    for factory in factories where factory.isRegistered {
      text += "\(factory.id),\(factory.nameChinese),\(factory.nameEnglish),\(factory.industry),模拟园区,"
      text += "\(factory.retrofitCompletedOn?.description ?? "")\n"
    }
    return text
  }

  /// `equipment.csv`: all registered equipment. No value needs quotes, because all are generated here.
  public func equipmentCSV() -> String {
    var text = """
      equipment_id,factory_id,workshop,line,name,category,automation,intelligent,digital,connectable,\
      report_interval_s,commissioned_on,decommissioned_on,retrofitted_on,serial,energy_meter,gateway

      """
    let seconds = max(1, settings.interval.milliseconds / 1000)
    for factory in factories {
      for one in factory.equipment where one.isRegistered {
        let cells = [
          one.key.equipment, one.key.factory, one.workshop, one.line, one.name, one.category, one.automation,
          one.intelligent ? "yes" : "no", one.digital ? "yes" : "no", one.connectable ? "yes" : "no",
          one.connectable ? String(seconds) : "", one.commissionedOn.description,
          one.decommissionedOn?.description ?? "", one.retrofittedOn?.description ?? "", one.serial,
          one.energyMeter, one.gateway,
        ]
        text += cells.joined(separator: ",") + "\n"
      }
    }
    return text
  }
}
