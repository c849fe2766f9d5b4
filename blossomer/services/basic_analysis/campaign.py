def write_campaign(config, website, inputs, context):
    raise NotImplementedError
